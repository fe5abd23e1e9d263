package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.RepositoryRule;
import io.resticfleet.agent.restic.Locks;
import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Work between jobs: listing the snapshots after a job, and removing a stale lock. */
final class RepositoryUpkeep {

    private static final System.Logger log = System.getLogger(RepositoryUpkeep.class.getName());

    private static final int UNLOCK_TRIES = 3;
    private static final Duration UNLOCK_PAUSE = Duration.ofSeconds(1);

    private final JobContext context;
    private final Cancellation cancellation;
    private final Supplier<Optional<ToAgent.ConfigUpdate>> repository;

    /** @param repository the present one to look after; empty if there is none */
    RepositoryUpkeep(
            JobContext context, Cancellation cancellation, Supplier<Optional<ToAgent.ConfigUpdate>> repository) {
        this.context = context;
        this.cancellation = cancellation;
        this.repository = repository;
    }

    /** Prepares for a job: removes a stale lock. Call it before anything changes. */
    void before(JobKind kind) throws InterruptedException {
        if (kind != JobKind.BACKUP && needsList(kind)) {
            repository.get().ifPresent(config -> context.snapshots().of(config).outdated());
        }
        unlockIfMarked();
    }

    /** Does what is due after a job: removes a stale lock, and lists the snapshots if the list is not up to date. */
    void after(JobKind kind, JobStatus status) throws InterruptedException {
        unlockIfMarked();
        boolean done = status == JobStatus.SUCCEEDED || status == JobStatus.PARTIAL;
        if (done && needsList(kind) && isDue()) {
            report();
        }
    }

    private static boolean needsList(JobKind kind) {
        return kind.changesRepository() || kind == JobKind.SNAPSHOTS;
    }

    private boolean isDue() {
        var now = context.clock().instant();
        return repository
                .get()
                .filter(config -> context.snapshots().of(config).isDue(config, now))
                .isPresent();
    }

    /** Removes the lock of a restic of this agent that was killed, if there is one. */
    private void unlockIfMarked() throws InterruptedException {
        var marker = new StaleLockMarker(context.state());
        if (!marker.isSet()) {
            return;
        }
        boolean free = true;
        for (var config : context.credentials().each()) {
            free &= new RepositoryUpkeep(context, cancellation, () -> Optional.of(config)).unlock();
        }
        if (free) {
            marker.clear();
            log.log(Level.INFO, "removed the stale lock of a killed restic");
        }
    }

    /**
     * Removes the lock of a killed restic of this agent. If that fails, the next job tries again.
     *
     * @return whether the repository has no locks now
     *
     * <p>restic silently keeps the lock of a process that still exists, and a killed process exists until the system
     * has reaped it, which can take a moment.
     */
    private boolean unlock() throws InterruptedException {
        if (!namesakes().isEmpty()) {
            log.log(
                    Level.WARNING,
                    "the lock of a killed restic is not removed now, as another machine with this machine's name may hold one;"
                            + " the next job checks again");
            return false;
        }
        for (int tries = 0; tries < UNLOCK_TRIES; tries++) {
            var unlocked = run("unlock", config -> ResticCommand.unlock());
            if (unlocked.isEmpty() || unlocked.get().exitCode() != 0) {
                return false;
            }
            var left = run("locks", config -> ResticCommand.locks());
            if (left.isPresent()
                    && left.get().exitCode() == 0
                    && isBlank(left.get().stdout())) {
                return true;
            }
            cancellation.await(UNLOCK_PAUSE);
        }
        log.log(Level.INFO, "the repository is still locked, maybe by another host; the next job checks again");
        return false;
    }

    /** Locks that an unlock would remove, although they may be in use by a machine with the same name. */
    private List<RepositoryLock> namesakes() throws InterruptedException {
        var listed = run("locks", config -> ResticCommand.locks());
        var locks = new ArrayList<RepositoryLock>();
        for (var id : listed.map(result -> Locks.ids(text(result))).orElse(List.of())) {
            run("lock", config -> ResticCommand.lock(id))
                    .flatMap(result -> Locks.parse(id, text(result)))
                    .ifPresent(locks::add);
        }
        return Locks.maybeOfNamesake(
                locks,
                new StaleLockMarker(context.state()).pids(),
                context.clock().instant());
    }

    private static String text(Steps.Result result) {
        try {
            return Files.readString(result.stdout());
        } catch (IOException e) {
            return "";
        }
    }

    private static boolean isBlank(Path file) {
        try {
            return Files.readString(file).isBlank();
        } catch (IOException e) {
            return false;
        }
    }

    /** Reports the host's snapshots to the server. */
    void report() throws InterruptedException {
        var config = repository.get();
        var takenAt = context.clock().instant();
        var result = run("snapshots", ResticCommand::listing);
        try {
            if (result.isPresent()
                    && result.get().exitCode() == 0
                    && repository.get().map(RepositoryUpkeep::place).equals(config.map(RepositoryUpkeep::place))) {
                context.snapshots()
                        .of(config.orElseThrow())
                        .listed(
                                SnapshotFile.Head.of(config.orElseThrow(), takenAt),
                                result.get().stdout());
            }
        } catch (IOException e) {
            log.log(Level.WARNING, "the list of snapshots could not be read, the next job tries again", e);
        }
    }

    /** What decides which snapshots are listed. */
    private static List<Object> place(ToAgent.ConfigUpdate config) {
        return List.of(config.repository(), config.repositoryId(), config.hostname());
    }

    private Optional<Steps.Result> run(String name, Function<ToAgent.ConfigUpdate, ResticCommand> of)
            throws InterruptedException {
        try {
            var config = repository.get();
            if (config.isPresent()) {
                RepositoryRule.check(
                        context.policy().current(),
                        config.get().repository(),
                        context.state().root());
            }
            if (config.isEmpty()
                    || RepositoryProbe.problem(config.get().repository()).isPresent()) {
                return Optional.empty();
            }
            var steps = new Steps(context.state().directory("upkeep"), context, cancellation, () -> {});
            steps.forget();
            var command = context.environment()
                    .commandLine(
                            context.program().locate(),
                            of.apply(config.get()),
                            config.get().repository());
            var result = steps.run(new Steps.Step(
                    name,
                    command,
                    context.environment().of(config.get().repository()),
                    (output, line) -> {},
                    context.limits().upkeep(),
                    Steps.OnCancel.GO_ON));
            if (result.exitCode() != 0) {
                var failure = ResticFailure.classify(result.exitCode(), result.stderr());
                boolean expected =
                        failure == ResticFailure.REPO_NOT_FOUND && !config.get().repositoryKnown();
                log.log(
                        expected ? Level.DEBUG : Level.WARNING,
                        "restic " + name + " failed after a job: "
                                + context.credentials().redactor().redact(failure.explain(result.stderr())));
            }
            return Optional.of(result);
        } catch (IOException | JobAborted | ResticMissing | DeniedByPolicy e) {
            log.log(Level.WARNING, "restic " + name + " failed after a job: " + e.getMessage());
            return Optional.empty();
        }
    }
}
