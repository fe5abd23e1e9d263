package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.RepositoryRule;
import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobStats;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One job, from its start to its end. Not safe for use by more than one thread. */
final class JobRun {

    private static final System.Logger log = System.getLogger(JobRun.class.getName());

    /** Longer than any backup: what restic does is not stopped for being slow. */
    private static final Duration WITHOUT_LIMIT = Duration.ofDays(365);

    /** Restic's exit code for a backup that made a snapshot all the same. */
    private static final int SOME_FILES_UNREADABLE = 3;

    private final JobContext context;
    private final Cancellation cancellation;
    private final JobLog jobLog;
    private final Steps steps;
    private final HostPolicy policy;
    private final long began;
    private JobEntry entry;

    /** With what this machine's owner allows now. */
    JobRun(JobContext context, JobEntry entry, Cancellation cancellation) {
        this(
                context,
                entry,
                cancellation,
                context.policy().current(),
                context.nanos().getAsLong());
    }

    private JobRun(JobContext context, JobEntry entry, Cancellation cancellation, HostPolicy policy, long began) {
        this.policy = policy;
        this.began = began;
        this.context = context;
        this.entry = entry;
        this.cancellation = cancellation;
        this.jobLog = context.logs().of(entry.jobId());
        this.steps = new Steps(context.journal().directory(entry.jobId()), context, cancellation, this::beat);
    }

    /** Does the job and tells its end; returns when that is on disk. */
    Outcome execute() throws InterruptedException {
        boolean again = entry.phase() == JobEntry.Phase.RUNNING;
        if (!again) {
            var now = context.clock().instant();
            entry = context.journal().update(entry.jobId(), held -> held.started(now));
            context.results().started(entry);
        }
        jobLog.masking(context.credentials().redactor());
        log.log(
                Level.INFO,
                (again ? "job taken up again job=" : "job started job=") + entry.jobId() + " kind="
                        + entry.kind().word());
        var outcome = context.retries().ended(entry, redacted(attempt()));
        say("ended: " + outcome.status().word()
                + outcome.error().map(text -> ": " + text).orElse(""));
        jobLog.end();
        context.results().finished(entry, outcome);
        steps.forget();
        context.logs().written();
        log.log(
                Level.INFO,
                "job ended job=" + entry.jobId() + " status=" + outcome.status().word());
        return outcome;
    }

    private Outcome attempt() throws InterruptedException {
        try {
            var config = context.credentials().find();
            if (config.isEmpty()) {
                return Outcome.failed(
                        "no_repository", "this machine was not told of a repository yet; set one for the host");
            }
            if (!steps.begun()) {
                RepositoryRule.check(
                        policy, config.get().repository().url(), context.state().root());
            }
            context.program().version(); // a restic that is missing or too old is said before anything else
            return work(config.get());
        } catch (JobAborted e) {
            return Outcome.abortedBy(e);
        } catch (ResticMissing e) {
            return Outcome.failed("restic_missing", e.getMessage());
        } catch (DeniedByPolicy e) {
            return Outcome.failed("policy_repository", e.getMessage());
        } catch (AgentStopping e) {
            throw e;
        } catch (UncheckedIOException e) {
            throw e; // of the agent's own disk: gone through again
        } catch (IOException | RuntimeException e) {
            log.log(Level.ERROR, "job broke off job=" + entry.jobId(), e);
            return Outcome.failed("agent_error", "the agent could not do this: " + e.getMessage());
        }
    }

    private Outcome work(ToAgent.ConfigUpdate config)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        if (new StaleLockMarker(context.state()).isSet()) {
            new RepositoryUpkeep(context, cancellation).unlock();
        }
        return switch (entry.kind()) {
            case BACKUP -> new Backup(this, context, config).run();
            case FORGET -> forget(config);
            case PRUNE -> plain(config, ResticCommand.prune());
            case CHECK -> plain(config, ResticCommand.check());
            case UNLOCK -> plain(config, ResticCommand.unlock());
            case SNAPSHOTS -> plain(config, ResticCommand.snapshots(config.hostname()));
            case INIT -> init(config);
        };
    }

    private Outcome forget(ToAgent.ConfigUpdate config)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = unreachable(config);
        return unreachable.isPresent()
                ? unreachable.get()
                : new ForgetRunner(this, config)
                        .run(entry.schedule().orElseThrow().retention(), Optional.empty());
    }

    private Outcome init(ToAgent.ConfigUpdate config)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var taken = config.repository().url().localPath().flatMap(NewRepository::problem);
        if (taken.isPresent()) {
            return Outcome.failed("not_empty", taken.get());
        }
        var outcome = plain(config, ResticCommand.init());
        boolean exists = outcome.errorCode().equals(Optional.of(ResticFailure.REPO_EXISTS.code()));
        return exists && entry.parent().isPresent()
                ? Outcome.succeeded(0, outcome.stats()) // another host was quicker
                : outcome;
    }

    /** A job that is one call of restic. */
    private Outcome plain(ToAgent.ConfigUpdate config, ResticCommand command)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unreachable = unreachable(config);
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var stats = new ArrayList<ResticEvent.Summary>();
        var result = restic(entry.kind().word(), command, config, event -> {
            if (event instanceof ResticEvent.Summary summary) {
                stats.add(summary);
            }
        });
        var found = stats.stream().findFirst().map(ResticEvent.Summary::stats);
        return result.exitCode() == 0
                ? Outcome.succeeded(0, found.orElse(JobStats.NONE))
                : failed(result).withStats(found.orElse(JobStats.NONE));
    }

    /** A failure at once, where restic would try for a quarter of an hour; not asked again once restic has begun. */
    Optional<Outcome> unreachable(ToAgent.ConfigUpdate config) {
        if (steps.begun()) {
            return Optional.empty();
        }
        return RepositoryProbe.problem(config.repository().url())
                .map(problem -> Outcome.failed(ResticFailure.NETWORK.code(), problem));
    }

    /**
     * Runs restic; waits for a locked repository, saying whose lock it is. Restic itself can wait since 0.16, but says
     * nothing while it does.
     */
    Steps.Result restic(String name, ResticCommand command, ToAgent.ConfigUpdate config, Consumer<ResticEvent> events)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        say("running: " + command);
        var words = new ArrayList<>(List.of(context.program().locate().toString()));
        words.addAll(command.arguments());
        var step = step(name, words, config, events);
        var result = steps.run(step);
        if (result.exitCode() != 0 && context.environment().cache().mayHaveCaused(result.stderr())) {
            context.environment().cache().remove();
            if (result.exitCode() != SOME_FILES_UNREADABLE) {
                say(
                        "restic cannot use its cache on this machine, which is damaged or lacks room; trying again without it");
                step = step(name, words, config, events); // its cache goes elsewhere if the disk is full
                result = steps.run(step);
            }
        }
        var patience = context.limits().lockPatience();
        long began = context.nanos().getAsLong();
        while (isLocked(result) && context.nanos().getAsLong() - began < patience.toNanos()) {
            say(ResticFailure.LOCKED.explain(result.stderr()) + "; trying again in "
                    + context.limits().lockPause().toSeconds() + " s");
            cancellation.await(context.limits().lockPause());
            beat();
            result = steps.run(step);
        }
        return result;
    }

    private Steps.Step step(
            String name, List<String> words, ToAgent.ConfigUpdate config, Consumer<ResticEvent> events) {
        return new Steps.Step(
                name,
                words,
                context.environment().of(config.repository()),
                (output, line) -> heard(line, events),
                WITHOUT_LIMIT,
                Steps.OnCancel.STOP);
    }

    /** Runs a hook, which is allowed here. */
    Steps.Result hook(String name, List<String> command, Map<String, String> facts, Steps.OnCancel onCancel)
            throws IOException, InterruptedException, JobAborted {
        say("running the " + name + " hook");
        var environment = new LinkedHashMap<>(context.environment().plain());
        environment.putAll(facts);
        return steps.run(new Steps.Step(
                name + "-hook",
                command,
                environment,
                (output, line) -> jobLog.add(JobLog.HOOK, line),
                context.limits().hook(),
                onCancel));
    }

    /** Runs a job that this one needs, as a job of its own. */
    Outcome need(JobEntry need) throws InterruptedException, JobAborted {
        context.journal().accept(need);
        var held = context.journal().find(need.jobId());
        if (held.isEmpty() || held.get().ended()) {
            return Outcome.succeeded(0, JobStats.NONE); // before the agent was started anew
        }
        return new JobRun(context, held.get(), cancellation, policy, began).execute();
    }

    /** A line of the agent's own in the job's log. */
    void say(String text) {
        jobLog.add(JobLog.AGENT, text);
    }

    /** What the machine's owner allowed when this job began, or was taken up again. */
    HostPolicy policy() {
        return policy;
    }

    JobEntry entry() {
        return entry;
    }

    /** What a restic that did not exit with 0 makes of the job. */
    static Outcome failed(Steps.Result result) {
        var failure = ResticFailure.classify(result.exitCode(), result.stderr());
        return Outcome.failed(result.exitCode(), failure.code(), failure.explain(result.stderr()));
    }

    private static boolean isLocked(Steps.Result result) {
        return result.exitCode() != 0
                && ResticFailure.classify(result.exitCode(), result.stderr()) == ResticFailure.LOCKED;
    }

    private void heard(String line, Consumer<ResticEvent> events) {
        if (line.startsWith("[")) {
            return; // a list, read from the file when it is whole
        }
        var event = ResticEvent.parse(line);
        if (event instanceof ResticEvent.Text text && !text.line().isBlank()) {
            jobLog.add(JobLog.RESTIC, text.line());
        } else if (event instanceof ResticEvent.Retrying retrying) {
            jobLog.add(JobLog.RESTIC, "backend unreachable, retrying in " + retrying.after() + ": " + retrying.why());
        } else if (event instanceof ResticEvent.PathMissing missing) {
            jobLog.add(JobLog.RESTIC, missing.path() + " does not exist, skipping");
        } else if (event instanceof ResticEvent.ExitError error) {
            error.message().lines().limit(5).forEach(text -> jobLog.add(JobLog.RESTIC, text));
        }
        events.accept(event);
    }

    /** A line of restic's that only its kind of job can word. */
    void restic(String text) {
        jobLog.add(JobLog.RESTIC, text);
    }

    private void beat() {
        policy.longestRun()
                .filter(limit ->
                        context.nanos().getAsLong() - began > limit.duration().toNanos())
                .ifPresent(cancellation::tooLong);
        context.logs().written();
        context.state().reserve().releaseIfScarce();
    }

    private Outcome redacted(Outcome outcome) {
        var redactor = context.credentials().redactor();
        return new Outcome(
                outcome.status(),
                outcome.exitCode(),
                outcome.error().map(redactor::redact),
                outcome.errorCode(),
                outcome.snapshotId(),
                outcome.stats());
    }
}
