package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A job's calls of restic, each a step of the job, at one repository. Not safe for use by more than one thread. */
final class ResticCalls {

    /** Longer than any backup: what restic does is not stopped for being slow. */
    private static final Duration WITHOUT_LIMIT = Duration.ofDays(365);

    /** Restic's exit code for a backup that made a snapshot all the same. */
    private static final int SOME_FILES_UNREADABLE = 3;

    private final JobRun job;
    private final JobContext context;
    private final Steps steps;
    private final Cancellation cancellation;
    private final ToAgent.ConfigUpdate config;

    /** @param config the repository, and the host's name in it */
    ResticCalls(JobRun job, JobContext context, Steps steps, Cancellation cancellation, ToAgent.ConfigUpdate config) {
        this.job = job;
        this.context = context;
        this.steps = steps;
        this.cancellation = cancellation;
        this.config = config;
    }

    RepositoryUrl url() {
        return config.repository().url();
    }

    /** Whether the server knows that the repository holds snapshots. */
    boolean repositoryKnown() {
        return config.repositoryKnown();
    }

    /** The host's name in snapshots. */
    String hostname() {
        return config.hostname();
    }

    /** A failure at once, where restic would try for a quarter of an hour; not asked again once restic has begun. */
    Optional<Outcome> unreachable() {
        if (steps.begun()) {
            return Optional.empty();
        }
        return RepositoryProbe.problem(url()).map(problem -> Outcome.failed(ResticFailure.NETWORK.code(), problem));
    }

    /**
     * Runs restic; waits for a locked repository and logs whose lock it is. Restic itself can wait since 0.16, but prints
     * nothing while it does.
     */
    Steps.Result run(String name, ResticCommand command, Consumer<ResticEvent> events)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        job.say("running: " + command);
        var words = new ArrayList<>(List.of(context.program().locate().toString()));
        words.addAll(command.arguments());
        var step = step(name, words, events);
        var result = steps.run(step);
        if (result.exitCode() != 0 && context.environment().cache().mayHaveCaused(result.stderr())) {
            context.environment().cache().remove();
            if (result.exitCode() != SOME_FILES_UNREADABLE) {
                job.say(
                        "restic cannot use its cache on this machine, which is damaged or lacks room; trying again without it");
                step = step(name, words, events); // its cache goes elsewhere if the disk is full
                result = steps.run(step);
            }
        }
        var patience = context.limits().lockPatience();
        long began = context.nanos().getAsLong();
        while (isLocked(result) && context.nanos().getAsLong() - began < patience.toNanos()) {
            job.say(ResticFailure.LOCKED.explain(result.stderr()) + "; trying again in "
                    + context.limits().lockPause().toSeconds() + " s");
            cancellation.await(context.limits().lockPause());
            job.beat();
            result = steps.run(step);
        }
        return result;
    }

    private Steps.Step step(String name, List<String> words, Consumer<ResticEvent> events) {
        return new Steps.Step(
                name,
                words,
                context.environment().of(config.repository()),
                (output, line) -> heard(line, events),
                WITHOUT_LIMIT,
                Steps.OnCancel.STOP);
    }

    private void heard(String line, Consumer<ResticEvent> events) {
        if (line.startsWith("[")) {
            return; // a list, read from the file when it is whole
        }
        var event = ResticEvent.parse(line);
        if (event instanceof ResticEvent.Text text && !text.line().isBlank()) {
            job.quote(text.line());
        } else if (event instanceof ResticEvent.Retrying retrying) {
            job.quote("backend unreachable, retrying in " + retrying.after() + ": " + retrying.why());
        } else if (event instanceof ResticEvent.PathMissing missing) {
            job.quote(missing.path() + " does not exist, skipping");
        } else if (event instanceof ResticEvent.ExitError error) {
            error.message().lines().limit(5).forEach(job::quote);
        }
        events.accept(event);
    }

    /** What a restic that did not exit with 0 makes of the job. */
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
