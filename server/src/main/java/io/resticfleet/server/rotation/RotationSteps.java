package io.resticfleet.server.rotation;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.KeyJobs;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.KeyRotation;
import io.resticfleet.server.repository.KeyRotation.Held;
import io.resticfleet.server.repository.KeyRotation.Phase;
import io.resticfleet.server.repository.KeyRotations;
import io.resticfleet.server.repository.Repositories;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Which step of a change of a password is next, and what it waits for. */
public final class RotationSteps {

    static final RotateKey ADD = new RotateKey(RotateKey.Step.ADD, Optional.empty());

    /** How soon a step that failed is tried again while its host stays connected. */
    private static final Duration PAUSE = Duration.ofHours(1);

    private static final String FEATURE = JobKind.ROTATE_KEY.feature().orElseThrow();

    private static final String UNDECIDED =
            "waits for the decision whose schedules apply, after the database was restored";

    private final Hosts hosts;
    private final Repositories repositories;
    private final KeyRotations rotations;
    private final Divergences divergences;
    private final KeyJobs jobs;
    private final Agents agents;
    private final Audit audit;
    private final InstantSource clock;

    public RotationSteps(
            Hosts hosts,
            Repositories repositories,
            KeyRotations rotations,
            Divergences divergences,
            KeyJobs jobs,
            Agents agents,
            Audit audit,
            InstantSource clock) {
        this.hosts = hosts;
        this.repositories = repositories;
        this.rotations = rotations;
        this.divergences = divergences;
        this.jobs = jobs;
        this.agents = agents;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * What to do after the commit.
     *
     * @param hosts to which jobs were added
     * @param shared whether the new password has become that of the repository
     */
    record Next(Set<HostId> hosts, boolean shared) {}

    KeyRotation first(RepositoryId id, String by) {
        return KeyRotation.first(id, by, clock.instant());
    }

    /** The host that adds the key: the one that looks after the repository, if it opens it with the old password. */
    Optional<HostId> adder(Handle handle, RepositoryId id) {
        var able = rotations.withPassword(handle, id);
        return repositories
                .keeper(handle, id)
                .filter(able::contains)
                .or(() -> able.stream().findFirst());
    }

    /** Hosts that have got the new password, and are due to confirm it. */
    Set<HostId> unconfirmed(Handle handle, RepositoryId id) {
        var progress = rotations.progress(handle, id);
        return rotations
                .find(handle, id)
                .filter(rotation -> rotation.is(Phase.PROVING))
                .map(rotation -> rotations.held(handle, id))
                .orElse(Map.of())
                .entrySet()
                .stream()
                .filter(entry -> entry.getValue() == Held.NEW)
                .filter(entry -> !isConfirmed(Held.NEW, Optional.ofNullable(progress.get(entry.getKey()))))
                .map(Map.Entry::getKey)
                .filter(hostId -> isDue(handle, hostId, Optional.ofNullable(progress.get(hostId))))
                .collect(Collectors.toSet());
    }

    private boolean isDue(Handle handle, HostId hostId, Optional<KeyRotation.Progress> progress) {
        return !isRunning(handle, progress.flatMap(KeyRotation.Progress::jobId), hostId)
                && !isPausing(progress.flatMap(KeyRotation.Progress::triedAt))
                && isReady(handle, hostId);
    }

    /**
     * Adds the jobs that are due.
     *
     * @param sent hosts that were sent the new password
     */
    Next next(Handle tx, RepositoryId id, Set<HostId> sent) {
        var due = new LinkedHashSet<HostId>();
        boolean shared = false;
        for (var rotation = rotations.find(tx, id).orElse(null); rotation != null; ) {
            if (rotation.isPending() && !rotations.isIntact(tx, id)) {
                rotations.put(
                        tx,
                        rotation.in(Phase.FAILED)
                                .stopped("the password of the repository was changed meanwhile", clock.instant()));
                break;
            }
            if (rotation.is(Phase.ADDING)) {
                add(tx, rotation, due);
                break;
            }
            if (rotation.is(Phase.PROVING)) {
                if (!prove(tx, rotation, sent, due)) {
                    break;
                }
                share(tx, rotation);
                shared = true;
            } else if (rotation.is(Phase.REMOVING)) {
                if (!remove(tx, rotation, due)) {
                    break;
                }
            } else {
                break;
            }
            rotation = rotations.find(tx, id).orElse(null);
        }
        return new Next(due, shared);
    }

    private void add(Handle tx, KeyRotation rotation, Set<HostId> due) {
        var id = rotation.repositoryId();
        var cancelled =
                rotation.jobId().flatMap(job -> jobs.find(tx, job)).filter(job -> job.status() == JobStatus.CANCELLED);
        if (cancelled.isPresent()) {
            rotations.put(
                    tx, rotation.in(Phase.FAILED).stopped("the job that adds the key was cancelled", clock.instant()));
            return;
        }
        var hostId = adder(tx, id);
        if (hostId.isEmpty() || isRunning(tx, rotation.jobId(), hostId.get()) || isPausing(rotation.triedAt())) {
            return;
        }
        if (isReady(tx, hostId.get())) {
            rotations.put(tx, rotation.inJob(jobs.add(tx, Optional.empty(), hostId.get(), id, ADD)));
            due.add(hostId.get());
        }
    }

    /** Has hosts open the repository. Returns true once all of them have the new password. */
    private boolean prove(Handle tx, KeyRotation rotation, Set<HostId> sent, Set<HostId> due) {
        var id = rotation.repositoryId();
        var progress = rotations.progress(tx, id);
        boolean all = true;
        for (var entry : rotations.held(tx, id).entrySet()) {
            var hostId = entry.getKey();
            var before = Optional.ofNullable(progress.get(hostId));
            if (entry.getValue() == Held.OTHER || isConfirmed(entry.getValue(), before)) {
                continue;
            }
            all = false;
            boolean isOld = entry.getValue() == Held.OLD;
            if ((isOld || sent.contains(hostId)) && isDue(tx, hostId, before)) {
                var step = isOld ? RotateKey.Step.PROVE : RotateKey.Step.CONFIRM;
                var job = jobs.add(tx, Optional.empty(), hostId, id, new RotateKey(step, rotation.keyId()));
                rotations.put(
                        tx,
                        new KeyRotation.Progress(
                                id,
                                hostId,
                                step.word(),
                                Optional.of(job),
                                Optional.empty(),
                                before.flatMap(KeyRotation.Progress::detail),
                                Optional.empty()));
                due.add(hostId);
            }
        }
        return all;
    }

    private static boolean isConfirmed(Held held, Optional<KeyRotation.Progress> progress) {
        return held == Held.NEW
                && progress.flatMap(KeyRotation.Progress::confirmedAt).isPresent();
    }

    private void share(Handle tx, KeyRotation rotation) {
        var id = rotation.repositoryId();
        rotations.share(tx, id);
        rotations.put(tx, rotation.in(Phase.REMOVING));
        audit.record(
                tx,
                Actor.local("server"),
                "repository.rotated",
                id.value(),
                Map.of("hosts", repositories.hosts(tx, id).size()));
    }

    /** Has the old key removed. Returns true once none is left. */
    private boolean remove(Handle tx, KeyRotation rotation, Set<HostId> due) {
        var id = rotation.repositoryId();
        var key = rotation.oldKeys().stream().findFirst();
        if (key.isEmpty()) {
            rotations.put(tx, rotation.in(Phase.DONE));
            rotations.forgetPasswords(tx, id);
            return true;
        }
        var keeper = repositories.keeper(tx, id);
        if (keeper.isPresent()
                && !isRunning(tx, rotation.jobId(), keeper.get())
                && !isPausing(rotation.triedAt())
                && isReady(tx, keeper.get())
                && held(tx, rotation).isEmpty()) {
            var step = new RotateKey(RotateKey.Step.REMOVE, key);
            rotations.put(tx, rotation.inJob(jobs.add(tx, Optional.empty(), keeper.get(), id, step)));
            due.add(keeper.get());
        }
        return false;
    }

    /** Why the old key must not be removed now; empty if it may. */
    Optional<String> held(Handle handle, KeyRotation rotation) {
        var id = rotation.repositoryId();
        if (repositories.hosts(handle, id).stream()
                .anyMatch(hostId -> divergences.waitsSince(handle, hostId).isPresent())) {
            return Optional.of("the old key stays until it is decided whose schedules apply, after the database was"
                    + " restored: a machine may open the repository with it");
        }
        var users = rotations.users(handle, id);
        if (users.own()) {
            return Optional.of("the old key stays, as a machine or the maintainer still has its password");
        }
        return users.others().isEmpty() || rotation.released()
                ? Optional.empty()
                : Optional.of(
                        "the old key stays, as something else here has the same password and may be this repository at"
                                + " another address: " + String.join(", ", users.others())
                                + ". If it is another repository, try again; otherwise give that one the new password first");
    }

    /** Whether a step is under way; not if its job has ended without a report, or belongs to a host that no longer does it. */
    private boolean isRunning(Handle handle, Optional<JobId> jobId, HostId hostId) {
        return jobId.flatMap(id -> jobs.find(handle, id))
                .filter(job -> job.hostId().equals(hostId) && !job.status().ended())
                .isPresent();
    }

    private boolean isPausing(Optional<Instant> triedAt) {
        return triedAt.filter(at -> at.plus(PAUSE).isAfter(clock.instant())).isPresent();
    }

    private boolean isReady(Handle handle, HostId hostId) {
        return agents.isReady(hostId) && waitsFor(handle, hostId).isEmpty();
    }

    /** What a host waits for that is connected; empty for nothing. */
    private Optional<String> waitsFor(Handle handle, HostId hostId) {
        if (divergences.waitsSince(handle, hostId).isPresent()) {
            return Optional.of(UNDECIDED);
        }
        return agents.supports(hostId, FEATURE)
                ? Optional.empty()
                : Optional.of("its agent is too old for this; upgrade the agent");
    }

    /** The change as it is shown. */
    Optional<RotationView> view(Handle handle, RepositoryId id) {
        return rotations
                .find(handle, id)
                .map(rotation -> new RotationView(
                        rotation.phase(),
                        rotation.requestedBy(),
                        rotation.requestedAt(),
                        rotation.jobId(),
                        detail(handle, rotation),
                        rotation.is(Phase.FAILED) ? List.of() : hosts(handle, rotation)));
    }

    private Optional<String> detail(Handle handle, KeyRotation rotation) {
        if (rotation.is(Phase.REMOVING)) {
            return held(handle, rotation)
                    .or(rotation::detail)
                    .or(() ->
                            repositories.keeper(handle, rotation.repositoryId()).isPresent()
                                    ? Optional.empty()
                                    : Optional.of(
                                            "the old key stays until a machine uses the repository, which removes it"))
                    .or(() -> waiting(handle, repositories.keeper(handle, rotation.repositoryId())));
        }
        return rotation.is(Phase.ADDING)
                ? rotation.detail().or(() -> waiting(handle, adder(handle, rotation.repositoryId())))
                : rotation.detail();
    }

    private Optional<String> waiting(Handle handle, Optional<HostId> hostId) {
        return hostId.flatMap(id -> hosts.find(id))
                .flatMap(host -> (agents.connected(host.id()) ? waitsFor(handle, host.id()) : Optional.of("is offline"))
                        .map(why -> "waits for " + host.name() + ": " + why));
    }

    private List<RotationView.HostView> hosts(Handle handle, KeyRotation rotation) {
        var id = rotation.repositoryId();
        var progress = rotations.progress(handle, id);
        var held = rotations.held(handle, id);
        var shown = new ArrayList<RotationView.HostView>();
        for (var hostId : repositories.hosts(handle, id)) {
            var one = Optional.ofNullable(progress.get(hostId));
            hosts.find(hostId).ifPresent(host -> {
                if (rotation.isPending()) {
                    shown.add(pending(handle, host, held.getOrDefault(hostId, Held.OTHER), one));
                } else {
                    boolean own = held.get(hostId) == Held.OTHER;
                    if (own || one.flatMap(KeyRotation.Progress::confirmedAt).isPresent()) {
                        shown.add(view(host, own ? "own_password" : "confirmed", Optional.empty()));
                    }
                }
            });
        }
        return shown;
    }

    private RotationView.HostView pending(
            Handle handle, Host host, Held held, Optional<KeyRotation.Progress> progress) {
        var detail = progress.flatMap(KeyRotation.Progress::detail);
        if (held == Held.OTHER) {
            return view(host, "own_password", Optional.empty());
        }
        if (isConfirmed(held, progress)) {
            return view(host, "confirmed", Optional.empty());
        }
        if (!agents.connected(host.id())) {
            return view(host, "waiting_offline", detail);
        }
        var waits = waitsFor(handle, host.id());
        if (waits.isPresent()) {
            return view(host, "waiting", waits);
        }
        if (detail.isPresent()) {
            return view(host, "failed", detail);
        }
        return view(host, held == Held.NEW ? "proven" : "waiting", Optional.empty());
    }

    private static RotationView.HostView view(Host host, String state, Optional<String> detail) {
        return new RotationView.HostView(host.id(), host.name(), state, detail);
    }
}
