package io.resticfleet.server.rotation;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.KeyJobs;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.KeyRotation;
import io.resticfleet.server.repository.KeyRotations;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryBody;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Changes passwords of repositories. The new key is added first. Each host then opens the repository with the new password,
 * gets it, and opens the repository again with what it has stored; until then the old password stays in use. Once all hosts
 * have, it is the repository's password, and only then the old key is removed.
 *
 * <p>Everything is stored, so that a change goes on after a restart. Steps can be repeated; one that failed is, at the host's
 * next connection, and hourly. Safe for use by many threads.
 */
public final class PasswordRotations {

    /** Agents that take part in a change. */
    private static final String FEATURE = JobKind.ROTATE_KEY.feature().orElseThrow();

    private final Database db;
    private final Repositories repositories;
    private final KeyRotations rotations;
    private final HostConfigs configs;
    private final KeyJobs jobs;
    private final Agents agents;
    private final RotationSteps steps;
    private final RotationResults results;
    private final Audit audit;
    private final InstantSource clock;

    public PasswordRotations(
            Database db,
            Repositories repositories,
            KeyRotations rotations,
            HostConfigs configs,
            KeyJobs jobs,
            Agents agents,
            RotationSteps steps,
            Audit audit,
            InstantSource clock) {
        this.db = db;
        this.repositories = repositories;
        this.rotations = rotations;
        this.configs = configs;
        this.jobs = jobs;
        this.agents = agents;
        this.steps = steps;
        this.results = new RotationResults(rotations, audit, clock);
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * A change that has begun.
     *
     * @param jobId of the job that adds the key
     * @param repoPassword shown once, if it was generated
     */
    public record Begun(JobId jobId, Optional<String> repoPassword) {

        @Override
        public String toString() {
            return "Begun[" + jobId + "]";
        }
    }

    /**
     * Begins a change.
     *
     * @param wanted the new password; absent to generate one
     * @throws Problem 404, 400, or 409 {@code rotation_pending}, {@code change_pending}, {@code credentials_lost}, {@code
     *     repository_unused}, {@code host_offline} or {@code agent_too_old}
     */
    public Begun begin(Actor actor, RepositoryId id, Optional<String> wanted) {
        wanted.ifPresent(RepositoryBody::checkNewPassword);
        var password = wanted.orElseGet(() -> Tokens.mint(""));
        var job = db.write(tx -> {
            repositories.get(tx, id);
            rotations.begin(tx, steps.first(id, actor.name()), password);
            var hostId = steps.adder(tx, id)
                    .orElseThrow(() -> Problem.conflict(
                            "repository_unused", "no host opens repository " + id + " with its password"));
            refuseUnready(hostId);
            var jobId = jobs.add(tx, Optional.of(actor.name()), hostId, id, RotationSteps.ADD);
            rotations.put(tx, rotations.find(tx, id).orElseThrow().inJob(jobId));
            audit.record(tx, actor, "repository.rotate", hostId, id, Map.of("job", jobId.value()));
            return jobs.find(tx, jobId).orElseThrow();
        });
        jobs.send(job.hostId());
        return new Begun(job.id(), wanted.isPresent() ? Optional.empty() : Optional.of(password));
    }

    private void refuseUnready(HostId hostId) {
        if (!agents.connected(hostId)) {
            throw Problem.conflict(
                    "host_offline", "host " + hostId + ", which would add the new key, is not connected");
        }
        if (!agents.supports(hostId, FEATURE)) {
            throw Problem.conflict(
                    "agent_too_old", "the agent of host " + hostId + " is too old for this; upgrade it first");
        }
    }

    /**
     * Tries at once again what has failed; also removes the old key although something else on this server has its password.
     *
     * @throws Problem 404, or 409 {@code no_rotation} if none is under way
     */
    public void retry(Actor actor, RepositoryId id) {
        db.change(tx -> {
            repositories.get(tx, id);
            var rotation = rotations
                    .find(tx, id)
                    .filter(found -> rotations.open(tx).contains(id))
                    .orElseThrow(() ->
                            Problem.conflict("no_rotation", "the password of this repository is not being changed"));
            rotations.retryHosts(tx, id);
            rotations.put(tx, rotation.retried());
            audit.record(tx, actor, "repository.rotate_retry", id.value(), Map.of("phase", rotation.phase()));
        });
        goOn(id);
    }

    /** The change under way, or the last one; empty if there was none. */
    public Optional<RotationView> find(RepositoryId id) {
        return db.read(handle -> {
            repositories.get(handle, id);
            return steps.view(handle, id);
        });
    }

    /** A host has connected: tries again what has failed there. */
    public void connected(HostId hostId) {
        var used = db.read(handle -> rotations.open(handle).stream()
                .filter(id -> repositories.hosts(handle, id).contains(hostId))
                .toList());
        if (!used.isEmpty()) {
            db.change(tx -> {
                rotations.retryAtHost(tx, hostId);
                used.stream()
                        .filter(id -> repositories.keeper(tx, id).equals(Optional.of(hostId)))
                        .flatMap(id -> rotations.find(tx, id).stream())
                        .forEach(rotation -> rotations.put(tx, rotation.due()));
            });
            used.forEach(this::goOn);
        }
    }

    /** Records how a step ended, in the transaction that stores the job. */
    public void ended(Handle tx, Job job) {
        results.ended(tx, job);
    }

    /** Goes on after the end of a step was stored. */
    public void afterEnd(Job job) {
        job.repositoryId().ifPresent(this::goOn);
    }

    /** Starts what is due, to cover changes without an event, such as a host that was deleted. */
    public void sweep() {
        db.read(rotations::open).forEach(this::goOn);
    }

    /** A host is sent the new password before it is asked to confirm it. */
    private void goOn(RepositoryId id) {
        var sent = db.read(handle -> steps.unconfirmed(handle, id));
        sent.forEach(configs::push);
        var next = db.write(tx -> steps.next(tx, id, sent));
        if (next.shared()) {
            configs.pushAll(id);
        }
        next.hosts().forEach(jobs::send);
    }

    /** The answer to a step that asks for credentials: with the new password, or to remove, with the maintainer's. */
    public ToAgent.CredentialsGrant grant(Job job) {
        return db.read(handle -> handle.inTransaction(tx -> {
            var rotation = rotations.ofJob(tx, job.id());
            if (rotation.isEmpty()) {
                return refused(job, "this change of the password is over");
            }
            var id = rotation.get().repositoryId();
            if (!rotation.get().is(KeyRotation.Phase.REMOVING)) {
                return rotations
                        .opened(tx, job.hostId(), id)
                        .map(opened -> new ToAgent.CredentialsGrant(job.id(), Optional.of(opened), Optional.empty()))
                        .orElseGet(() -> refused(job, "the server cannot read the repository's credentials"));
            }
            return steps.held(tx, rotation.get())
                    .map(why -> refused(job, why))
                    .orElseGet(() -> new ToAgent.CredentialsGrant(
                            job.id(),
                            repositories
                                    .find(tx, id)
                                    .flatMap(row -> row.maintainerHostId())
                                    .filter(job.hostId()::equals)
                                    .flatMap(hostId -> repositories.maintainer(tx, id)),
                            Optional.empty()));
        }));
    }

    private static ToAgent.CredentialsGrant refused(Job job, String reason) {
        return new ToAgent.CredentialsGrant(job.id(), Optional.empty(), Optional.of(reason));
    }
}
