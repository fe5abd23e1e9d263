package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.RemovalRule;
import io.resticfleet.agent.policy.RepositoryRule;
import io.resticfleet.agent.restic.Redactor;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One job, from its start to its end. Not safe for use by more than one thread. */
final class JobRun {

    private static final System.Logger log = System.getLogger(JobRun.class.getName());

    private static final Duration MAX_REPORT = Duration.ofMinutes(10);
    private static final Duration REPORT_PAUSE = Duration.ofMillis(500);

    private final JobContext context;
    private final Cancellation cancellation;
    private final JobLog jobLog;
    private final Steps steps;
    private final HostPolicy policy;
    private final long startNanos; // monotonic; of the job's start, which can be before this process began
    private JobEntry entry;

    /** The repository as the server granted it to this job; only while it runs. */
    private Optional<Repository> granted = Optional.empty();

    /** The same as the host has stored it. */
    private Optional<ToAgent.ConfigUpdate> stored = Optional.empty();

    private boolean upkept;

    /** Runs under the machine's present policy. */
    JobRun(JobContext context, JobEntry entry, Cancellation cancellation) {
        this(
                context,
                entry,
                cancellation,
                context.policy().current(),
                context.nanos().getAsLong()
                        - entry.startedAt()
                                .map(context::since)
                                .orElse(Duration.ZERO)
                                .toNanos());
    }

    private JobRun(JobContext context, JobEntry entry, Cancellation cancellation, HostPolicy policy, long startNanos) {
        this.policy = policy;
        this.startNanos = startNanos;
        this.context = context;
        this.entry = entry;
        this.cancellation = cancellation;
        this.jobLog = context.logs().of(entry.jobId());
        this.steps = new Steps(context.journal().directory(entry.jobId()), context, cancellation, this::beat);
    }

    /** Runs the job and reports its end; returns when the report is on disk. */
    Outcome execute() throws InterruptedException {
        boolean again = entry.phase() == JobEntry.Phase.RUNNING;
        if (!again) {
            var now = context.clock().instant();
            entry = context.journal().update(entry.jobId(), stored -> stored.started(now));
            context.results().started(entry);
        }
        jobLog.masking(redactor());
        log.log(
                Level.INFO,
                (again ? "job resumed job=" : "job started job=") + entry.jobId() + " kind="
                        + entry.kind().word());
        var outcome = context.retries().ended(entry, redacted(alone(attempt())));
        logMessage("ended: " + outcome.status().word()
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
            var config = config();
            if (config.isEmpty()) {
                return Outcome.failed(ErrorCode.NO_REPOSITORY, "no repository is set for this host yet");
            }
            var other = otherRepository(config.get());
            if (other.isPresent()) {
                return other.get();
            }
            if (!steps.started()) { // what runs is not stopped, as while restic is being upgraded
                RepositoryRule.check(
                        policy, config.get().repository(), context.state().root());
                RemovalRule.check(policy, entry.spec());
                context.program().version(); // first of all, report a missing or too old restic
            }
            return granted(config.get());
        } catch (JobAborted e) {
            return Outcome.abortedBy(e);
        } catch (ResticMissing e) {
            return Outcome.failed(ErrorCode.RESTIC_MISSING, e.getMessage());
        } catch (DeniedByPolicy e) {
            return Outcome.failed(e.code(), e.getMessage());
        } catch (AgentStopping e) {
            throw e;
        } catch (UncheckedIOException e) {
            throw e; // of the agent's own disk: the job is resumed later
        } catch (IOException | RuntimeException e) {
            log.log(Level.ERROR, "job failed job=" + entry.jobId(), e);
            return Outcome.failed(ErrorCode.AGENT_ERROR, "the agent failed: " + e.getMessage());
        }
    }

    /** Ends what this job has not waited for, so that nothing of it runs on. */
    private Outcome alone(Outcome outcome) throws InterruptedException {
        return steps.stopOthers()
                ? outcome.withNote(Optional.empty(), "a program of this job that was still running was stopped")
                : outcome;
    }

    /**
     * A failure if the machine's repository was changed after the server sent this job, which could do harm at another
     * one.
     */
    private Optional<Outcome> otherRepository(ToAgent.ConfigUpdate config) {
        boolean other = !steps.started()
                && wanted().isPresent()
                && config.repositoryId().isPresent()
                && !wanted().equals(config.repositoryId());
        return other
                ? Optional.of(Outcome.failed(
                        ErrorCode.REPOSITORY_CHANGED,
                        "not run: this job is for another repository than the machine's present one"))
                : Optional.empty();
    }

    /**
     * Runs the job with what the server grants it: the maintainer's credentials if it needs the right to remove and the
     * repository has a maintainer, or the password that a repository is to get.
     */
    private Outcome granted(ToAgent.ConfigUpdate config)
            throws IOException, InterruptedException, JobAborted, ResticMissing, DeniedByPolicy {
        if (!entry.spec().asksForCredentials() || !context.server().plansRetention()) {
            return work(config);
        }
        var answer = ask(new ToServer.CredentialsAsk(entry.jobId()), ToAgent.CredentialsGrant.class);
        if (answer.isEmpty()) { // a repository with a maintainer refuses what the host's own credentials may not do
            return entry.kind() == JobKind.FORGET || entry.kind() == JobKind.ROTATE_KEY
                    ? Outcome.failed(ErrorCode.SERVER_SILENT, "not run: the server has not answered")
                    : work(config);
        }
        var refused = answer.get().refused();
        if (refused.isPresent()) {
            return Outcome.failed(
                    entry.kind() == JobKind.ROTATE_KEY ? ErrorCode.REPOSITORY_CHANGED : ErrorCode.NOT_MAINTAINER,
                    "not run: " + refused.get());
        }
        var repository = answer.get().repository();
        if (repository.isEmpty()) {
            return work(config);
        }
        RepositoryRule.check(policy, repository.get(), context.state().root());
        granted = repository;
        stored = Optional.of(config);
        jobLog.masking(redactor());
        context.environment().grant(repository.get());
        try {
            return work(config.with(repository.get()));
        } finally {
            context.environment().revoke();
        }
    }

    private Outcome work(ToAgent.ConfigUpdate config)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var restic = new ResticCalls(this, context, steps, cancellation, config);
        JobWork work = () -> {
            new RepositoryUpkeep(context, cancellation, this::everyday).before(entry.kind());
            return entry.spec().match(new JobWorks(this, restic)).run();
        };
        return entry.schedule().isPresent()
                ? new HookedJob(this, entry.schedule().get(), work).run()
                : work.run();
    }

    /**
     * Removes a stale lock and reports the snapshots, unless that was done for this job before. Failures are logged only:
     * the job's outcome is known, and the next job does the same again.
     *
     * @throws AgentStopping if the agent stops
     */
    void upkeep(JobStatus status) throws InterruptedException {
        if (upkept) {
            return;
        }
        upkept = true;
        try {
            new RepositoryUpkeep(context, cancellation, this::everyday).after(entry.kind(), status);
        } catch (AgentStopping e) {
            throw e;
        } catch (UncheckedIOException e) {
            log.log(Level.ERROR, "the list of snapshots cannot be stored job=" + entry.jobId() + ": " + e.getMessage());
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "the list of snapshots failed job=" + entry.jobId(), e);
        }
    }

    /** A repository of this host, by the server's id; empty if it does not use it. */
    Optional<ToAgent.ConfigUpdate> repository(RepositoryId id) {
        return context.credentials().find().flatMap(config -> config.at(id));
    }

    /** A failure if the policy does not allow a second repository of this job. */
    Optional<Outcome> denied(ToAgent.ConfigUpdate other) {
        try {
            RepositoryRule.check(policy, other.repository(), context.state().root());
            return Optional.empty();
        } catch (DeniedByPolicy e) {
            return Optional.of(Outcome.failed(e.code(), e.getMessage()));
        }
    }

    /** Runs a hook that the policy allows. */
    Steps.Result hook(String name, List<String> command, Map<String, String> facts, Steps.OnCancel onCancel)
            throws IOException, InterruptedException, JobAborted {
        logMessage("running the " + name + " hook");
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

    /** Runs a separate job that this one needs. */
    Outcome runNeeded(JobEntry need) throws InterruptedException, JobAborted {
        context.journal().accept(need);
        var stored = context.journal().find(need.jobId());
        if (stored.isEmpty() || stored.get().ended()) {
            return Outcome.succeeded(0, new NoResult()); // ended before the agent was restarted
        }
        return new JobRun(context, stored.get(), cancellation, policy, startNanos).execute();
    }

    /** Asks the server; empty if it does not answer. */
    <T extends ToAgent> Optional<T> ask(ToServer question, Class<T> type) throws InterruptedException, JobAborted {
        return context.server().ask(entry.jobId(), question, type, cancellation, this::beat);
    }

    /**
     * Reports a list of snapshots, and waits until the server has all of it.
     *
     * @return number of the report; empty if the server does not have it within ten minutes
     */
    Optional<Long> reportList(ToAgent.ConfigUpdate config, Instant takenAt, Path stdout)
            throws IOException, InterruptedException, JobAborted {
        var list = context.snapshots().of(config);
        list.listed(SnapshotFile.Head.of(config, takenAt), stdout);
        long start = context.nanos().getAsLong();
        while (context.nanos().getAsLong() - start < MAX_REPORT.toNanos()) {
            var report = list.stored();
            if (report.isPresent()) {
                return report;
            }
            pause(REPORT_PAUSE);
        }
        return Optional.empty();
    }

    /** Waits this long, unless the job is cancelled. */
    void pause(Duration time) throws InterruptedException, JobAborted {
        long until = context.nanos().getAsLong() + time.toNanos();
        for (long left = time.toNanos();
                left > 0;
                left = until - context.nanos().getAsLong()) {
            cancellation.await(Duration.ofNanos(left));
            beat();
            if (cancellation.cancelled()) {
                throw cancellation.reason();
            }
        }
    }

    /** Logs a message of the agent in the job's log. */
    void logMessage(String text) {
        jobLog.add(JobLog.AGENT, text);
    }

    /** Logs a line of restic's output in the job's log. */
    void logRestic(String text) {
        jobLog.add(JobLog.RESTIC, text);
    }

    /** The repository as the host has stored it; empty unless the server has granted this job another access to it. */
    Optional<ToAgent.ConfigUpdate> stored() {
        return stored;
    }

    /** The machine's policy when this job was started or resumed. */
    HostPolicy policy() {
        return policy;
    }

    JobEntry entry() {
        return entry;
    }

    JobContext context() {
        return context;
    }

    /** Checks the time limit and sends the log. Called several times a second while the job runs or waits. */
    void beat() {
        policy.longestRun()
                .filter(limit -> context.nanos().getAsLong() - startNanos
                        > limit.duration().toNanos())
                .ifPresent(cancellation::stopAfter);
        context.logs().written();
        context.state().reserve().releaseIfScarce();
    }

    /** The repository that the server named, else the one of the schedule; empty for the host's first. */
    private Optional<RepositoryId> wanted() {
        return entry.repositoryId().or(() -> entry.schedule().flatMap(Schedule::repositoryId));
    }

    /** The job's repository as the host opens it, or the host's first if it has no such one. */
    private Optional<ToAgent.ConfigUpdate> everyday() {
        var all = context.credentials().find();
        return all.flatMap(config -> wanted().flatMap(config::at)).or(() -> all);
    }

    /** The job's repository, or the host's first if it has no such one; of a probe, the one to be tried. */
    private Optional<ToAgent.ConfigUpdate> config() {
        var held = everyday();
        return candidate().isEmpty()
                ? held
                : candidate()
                        .map(candidate -> new ToAgent.ConfigUpdate(
                                held.map(ToAgent.ConfigUpdate::hostname).orElse(""),
                                candidate,
                                context.credentials().each().stream()
                                        .filter(ToAgent.ConfigUpdate::repositoryKnown)
                                        .anyMatch(known ->
                                                known.repository().url().equals(candidate.url())),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
    }

    private Optional<Repository> candidate() {
        return entry.spec() instanceof JobSpec.Probe probe ? Optional.of(probe.candidate()) : Optional.empty();
    }

    private Redactor redactor() {
        return Redactor.of(Stream.of(context.credentials().all().stream(), candidate().stream(), granted.stream())
                .flatMap(all -> all)
                .toList());
    }

    private Outcome redacted(Outcome outcome) {
        var redactor = redactor();
        return new Outcome(
                outcome.status(),
                outcome.exitCode(),
                outcome.error().map(redactor::redact),
                outcome.errorCode(),
                outcome.snapshotId(),
                outcome.result());
    }
}
