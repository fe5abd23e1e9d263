package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.DetachedRun;
import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.ResticVersion;
import io.resticfleet.agent.restic.StreamedRun;
import io.resticfleet.agent.restic.TwoRepositories;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A job's calls of restic, each one a step of the job, all with one repository. Not safe for use by more than one
 * thread.
 */
final class ResticCalls {

    /** Longer than any backup, as restic is not stopped for being slow. */
    private static final Duration NO_LIMIT = Duration.ofDays(365);

    /** restic's exit code for a backup that made a snapshot of the readable files. */
    private static final int SOME_FILES_UNREADABLE = 3;

    private static final int MAX_MESSAGE_LINES = 5;

    private final JobRun job;
    private final JobContext context;
    private final Steps steps;
    private final Cancellation cancellation;
    private Opening opening = new Opening();
    private BooleanSupplier stop = () -> false;
    private final ToAgent.ConfigUpdate config;
    private final Optional<Repository> from;

    /** @param config the repository, and the host name for snapshots */
    ResticCalls(JobRun job, JobContext context, Steps steps, Cancellation cancellation, ToAgent.ConfigUpdate config) {
        this(job, context, steps, cancellation, config, Optional.empty());
    }

    /** @param from a second repository, from which something is copied; absent for none */
    private ResticCalls(
            JobRun job,
            JobContext context,
            Steps steps,
            Cancellation cancellation,
            ToAgent.ConfigUpdate config,
            Optional<Repository> from) {
        this.from = from;
        this.job = job;
        this.context = context;
        this.steps = steps;
        this.cancellation = cancellation;
        this.config = config;
    }

    /** Calls that copy from this repository to another. */
    ResticCalls to(ToAgent.ConfigUpdate target) {
        return new ResticCalls(job, context, steps, cancellation, target, Optional.of(config.repository()));
    }

    /** Calls that copy from another repository to this. */
    ResticCalls from(ToAgent.ConfigUpdate source) {
        return new ResticCalls(job, context, steps, cancellation, config, Optional.of(source.repository()));
    }

    /** Calls with another access to the repository. */
    ResticCalls at(ToAgent.ConfigUpdate other) {
        return new ResticCalls(job, context, steps, cancellation, other);
    }

    /** A failure if restic cannot use both repositories at once. */
    Optional<Outcome> conflict() {
        return from.flatMap(source -> TwoRepositories.conflict(source, config.repository()))
                .map(why -> Outcome.failed(ErrorCode.COPY_CONFLICT, why));
    }

    RepositoryUrl url() {
        return config.repository().url();
    }

    /** The repository, and the host name for snapshots. */
    ToAgent.ConfigUpdate config() {
        return config;
    }

    /** Whether the server knows of snapshots in the repository. */
    boolean repositoryKnown() {
        return config.repositoryKnown();
    }

    /** The server's id of the repository; empty if it has not named it. */
    Optional<RepositoryId> repositoryId() {
        return config.repositoryId();
    }

    /** Lists the snapshots that this host looks after. */
    ResticCommand listing() {
        return ResticCommand.listing(config);
    }

    /** The host name for snapshots. */
    String hostname() {
        return config.hostname();
    }

    /**
     * A failure if the repository cannot be reached; restic itself would retry for 15 minutes. Not checked after restic
     * has started.
     */
    Optional<Outcome> unreachable() {
        if (steps.started()) {
            return Optional.empty();
        }
        return RepositoryProbe.problem(config.repository())
                .map(problem -> Outcome.failed(ResticFailure.NETWORK.code(), problem));
    }

    /**
     * Runs restic. Waits for a locked repository and logs whose lock it is, which a restic that waits by itself does
     * not print.
     */
    Steps.Result run(String name, ResticCommand command, Consumer<ResticEvent> events)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        job.logMessage("running: " + command);
        opening = new Opening();
        var result = steps.run(step(name, command, events));
        if (result.exitCode() != 0 && context.environment().cache().mayHaveCaused(result.stderr())) {
            context.environment().cache().remove();
            if (result.exitCode() != SOME_FILES_UNREADABLE) {
                job.logMessage(
                        "restic cannot use its cache on this machine: it is damaged, or the disk is full; trying again without it");
                result = steps.run(step(name, command, events)); // puts the cache elsewhere if the disk is full
            }
        }
        if (!isLocked(result)) {
            return explained(result);
        }
        return explained(
                version(name).compareTo(ResticVersion.RETRY_LOCK) < 0
                        ? retry(name, command, events, result)
                        : wait(name, command, events, result));
    }

    /** As {@link #run}; restic is interrupted once {@code stop} is true. */
    Steps.Result run(String name, ResticCommand command, Consumer<ResticEvent> events, BooleanSupplier stop)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        this.stop = stop;
        try {
            return run(name, command, events);
        } finally {
            this.stop = () -> false;
        }
    }

    /** Whether the next program with this name is one that an earlier run of the agent started. */
    boolean takesOver(String name) {
        return steps.takesOver(name);
    }

    /** Starts a restic that waits for the lock by itself. */
    private Steps.Result wait(String name, ResticCommand command, Consumer<ResticEvent> events, Steps.Result locked)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        long seconds = context.limits().lockPatience().toSeconds();
        job.logMessage(ResticFailure.LOCKED.explain(locked.stderr()) + "; waiting up to " + seconds + " s");
        return steps.run(step(name, command.with("--retry-lock=" + seconds + "s"), events));
    }

    /** Starts restic again and again, as it cannot wait for a lock before 0.16. */
    private Steps.Result retry(String name, ResticCommand command, Consumer<ResticEvent> events, Steps.Result locked)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var result = locked;
        var patience = context.limits().lockPatience();
        long startNanos = context.nanos().getAsLong();
        while (isLocked(result) && context.nanos().getAsLong() - startNanos < patience.toNanos()) {
            job.logMessage(ResticFailure.LOCKED.explain(result.stderr()) + "; trying again in "
                    + context.limits().lockPause().toSeconds() + " s");
            cancellation.await(context.limits().lockPause());
            job.beat();
            result = steps.run(step(name, command, events));
        }
        return result;
    }

    /** With why restic was stopped as it could not open the repository, and the messages of ssh that restic has lost. */
    private Steps.Result explained(Steps.Result result) throws InterruptedException {
        if (result.exitCode() == 0) {
            return result;
        }
        var hopeless = opening.hopeless();
        if (hopeless.isPresent()) {
            return new Steps.Result(
                    1, "Fatal: " + hopeless.get() + "\n", result.stdout(), result.stopped(), result.startedAt());
        }
        var stderr =
                context.environment().ssh().messages(config.repository(), result.stderr(), cancellation::cancelled);
        return new Steps.Result(result.exitCode(), stderr, result.stdout(), result.stopped(), result.startedAt());
    }

    /**
     * Starts a restic that is not a step: what it prints is read as it comes and not stored, and it ends with the agent. For
     * what changes nothing and takes no lock.
     *
     * @param errors file for what it prints to stderr
     */
    StreamedRun stream(ResticCommand command, Path errors) throws IOException, ResticMissing {
        job.logMessage("running: " + command);
        var repository = config.repository();
        return StreamedRun.start(
                context.environment().commandLine(context.program().locate(), command, repository),
                context.environment().of(repository),
                errors);
    }

    private Steps.Step step(String name, ResticCommand command, Consumer<ResticEvent> events) throws ResticMissing {
        return new Steps.Step(
                name,
                context.environment().commandLine(program(name), command, config.repository(), from),
                from.map(source -> context.environment().of(config.repository(), source))
                        .orElseGet(() -> context.environment().of(config.repository())),
                (output, line) -> onLine(output, line, events),
                NO_LIMIT,
                Steps.OnCancel.STOP,
                () -> stop.getAsBoolean() || opening.hopeless().isPresent());
    }

    /** Of the restic for this step; if that is taken over, as in {@link #program}, the known one, else one that can do it. */
    ResticVersion version(String step) throws ResticMissing {
        return steps.takesOver(step)
                ? context.program().findVersion().orElse(ResticVersion.REPAIR)
                : context.program().version();
    }

    /** A step that is taken over needs none, and it may be missing while it is being upgraded. */
    private Path program(String step) throws ResticMissing {
        return steps.takesOver(step) ? Path.of("restic") : context.program().locate();
    }

    private void onLine(DetachedRun.Output output, String line, Consumer<ResticEvent> events) {
        if (output == DetachedRun.Output.STDOUT && ResticEvent.isArray(line)) {
            opening.onEvent(output, new ResticEvent.Other());
            return; // read from the file when it is complete
        }
        var event = ResticEvent.parse(line);
        opening.onEvent(output, event);
        if (event instanceof ResticEvent.Text text && !text.line().isBlank()) {
            text.line().lines().filter(part -> !part.isBlank()).forEach(job::logRestic);
        } else if (event instanceof ResticEvent.Retrying retrying) {
            job.logRestic("backend unreachable, retrying in " + retrying.after() + ": " + retrying.why());
        } else if (event instanceof ResticEvent.PathMissing missing) {
            job.logRestic(missing.path() + " does not exist, skipping");
        } else if (event instanceof ResticEvent.ExitError error) {
            logMessage(error.message().lines().toList());
        }
        events.accept(event);
    }

    /** Logs restic's last message; a Go stack trace may follow its sentence. */
    private void logMessage(List<String> lines) {
        lines.stream().limit(MAX_MESSAGE_LINES).forEach(job::logRestic);
        if (lines.size() > MAX_MESSAGE_LINES) {
            job.logRestic("… and " + (lines.size() - MAX_MESSAGE_LINES) + " more lines");
        }
    }

    /** The outcome of a restic that did not exit with 0. */
    static Outcome failed(Steps.Result result) {
        var failure = failure(result);
        return Outcome.failed(result.exitCode(), failure.code(), failure.explain(result.stderr()));
    }

    /** Whether restic found no repository. */
    static boolean isNotFound(Steps.Result result) {
        return result.exitCode() != 0 && failure(result) == ResticFailure.REPO_NOT_FOUND;
    }

    private static boolean isLocked(Steps.Result result) {
        return result.exitCode() != 0 && failure(result) == ResticFailure.LOCKED;
    }

    private static ResticFailure failure(Steps.Result result) {
        return ResticFailure.classify(result.exitCode(), result.stderr());
    }
}
