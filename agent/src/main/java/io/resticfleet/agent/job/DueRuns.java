package io.resticfleet.agent.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobOrder;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Violation;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Runs that are due. Each asks the server first, but does not depend on its answer.
 *
 * <p>A run is in the journal before the server is asked. Without an answer within 20 s, or without a connection, it
 * starts from this machine's copy of the schedule. If the server holds it, it waits while the connection lasts, but at
 * most an hour: then restic's own locks decide.
 *
 * <p>In a pause, runs that have not started are reported as missed.
 *
 * <p>A decision about a run that cannot be stored, as on a full disk, is tried again until it can.
 *
 * <p>Safe for use by many threads.
 */
public final class DueRuns {

    private static final System.Logger log = System.getLogger(DueRuns.class.getName());
    private static final long ANSWER_TIMEOUT_NANOS = Duration.ofSeconds(20).toNanos();
    private static final long MAX_HOLD_NANOS = Duration.ofHours(1).toNanos();
    private static final long STORE_RETRY_NANOS = Duration.ofSeconds(10).toNanos();

    private final RunIds ids;
    private final Journal journal;
    private final Results results;
    private final Runner runner;
    private final Retries retries;
    private final Predicate<ToServer> send;
    private final LongSupplier nanos;
    private final BooleanSupplier serverDecides;
    private final Supplier<Optional<Pause>> pause;

    /** The runs that are waiting in the journal, by job. */
    private final Map<JobId, Wait> waiting = new HashMap<>();

    /** Decisions about runs that are not on disk yet, by job. */
    private final Map<JobId, Runnable> decisions = new HashMap<>();

    private long storeFailedAt;

    /**
     * @param since when waiting started
     * @param asked when the server was last asked
     * @param held whether the server holds the run
     */
    private record Wait(long since, long asked, boolean held) {
        boolean over(long now) {
            return held ? now - since >= MAX_HOLD_NANOS : now - asked >= ANSWER_TIMEOUT_NANOS;
        }
    }

    /**
     * @param send passes a message to the connection; false if there is none
     * @param serverDecides whether the server decides which snapshots are removed: then a forget waits for it
     * @param pause the present one; absent if this host is not paused
     */
    public DueRuns(
            RunIds ids,
            Journal journal,
            Results results,
            Runner runner,
            Retries retries,
            Predicate<ToServer> send,
            LongSupplier nanos,
            BooleanSupplier serverDecides,
            Supplier<Optional<Pause>> pause) {
        this.ids = ids;
        this.journal = journal;
        this.results = results;
        this.runner = runner;
        this.retries = retries;
        this.send = send;
        this.nanos = nanos;
        this.serverDecides = serverDecides;
        this.pause = pause;
        journal.list().stream()
                .filter(entry -> entry.phase() == JobEntry.Phase.WAITING)
                .forEach(entry -> waitFor(entry.jobId()));
    }

    /** Whether a run of this schedule is waiting or running, so that no other may start. */
    public boolean busy(ScheduleId scheduleId) {
        return journal.list().stream()
                .anyMatch(entry -> !entry.ended()
                        && entry.scheduleId().filter(scheduleId::equals).isPresent());
    }

    private boolean isWaiting(ScheduleId scheduleId) {
        return journal.list().stream()
                .anyMatch(entry -> entry.phase() == JobEntry.Phase.WAITING
                        && entry.scheduleId().filter(scheduleId::equals).isPresent());
    }

    /**
     * Starts the run for a due time.
     *
     * @param life how often the clock was set back before
     */
    public synchronized void due(Schedule schedule, Instant dueAt, int life, long scheduleVersion) {
        var entry = JobEntry.due(ids.of(schedule.id(), dueAt, life), schedule, dueAt, scheduleVersion);
        if (!journal.accept(entry)) {
            return; // already known
        }
        log.log(Level.INFO, "schedule due schedule=" + schedule.id() + " job=" + entry.jobId());
        retries.superseded(schedule.id());
        ask(entry);
    }

    private void retry(Retries.Retry retry) {
        var entry = JobEntry.retry(retry);
        if (journal.accept(entry)) {
            log.log(
                    Level.INFO,
                    "retry schedule=" + retry.schedule().id() + " try=" + retry.number() + " job=" + entry.jobId());
            ask(entry);
        } else if (journal.find(entry.jobId()).filter(known -> !known.ended()).isEmpty()) {
            retries.dropped(retry); // refused or cancelled; the journal forgets ended ids after a while
        }
    }

    private void ask(JobEntry entry) {
        waitFor(entry.jobId());
        if (!send.test(fire(entry)) && !defers(entry.kind())) {
            run(entry.jobId(), Optional.empty());
        }
    }

    /** Whether runs of this kind wait for the server, however long it is away: they run once when it is back. */
    private boolean defers(JobKind kind) {
        return kind == JobKind.FORGET && serverDecides.getAsBoolean();
    }

    private boolean defers(JobId jobId) {
        return journal.find(jobId).filter(entry -> defers(entry.kind())).isPresent();
    }

    /**
     * Reports a due time without a run.
     *
     * @param since the oldest due time that this report covers
     */
    public void missed(Schedule schedule, Instant since, Instant dueAt, int life, String reason) {
        if (defers(schedule.kind()) && isWaiting(schedule.id())) {
            return; // the waiting run stands for this due time, too
        }
        if (pause.get().isPresent()) {
            retries.superseded(schedule.id()); // a retry of an earlier due time would be a catch-up after the pause
        }
        log.log(Level.WARNING, "run missed schedule=" + schedule.id() + " due=" + dueAt + ": " + reason);
        results.missed(ids.of(schedule.id(), dueAt, life), schedule, since, dueAt, reason);
    }

    /** Asks the server again about all waiting runs, after it has connected. */
    public synchronized void connected() {
        for (var jobId : waiting.keySet()) {
            journal.find(jobId).ifPresent(entry -> send.test(fire(entry)));
        }
        long now = nanos.getAsLong();
        waiting.replaceAll((jobId, wait) -> new Wait(wait.since(), now, false));
    }

    /** Ends the server's holds, as the connection is lost. */
    public synchronized void disconnected() {
        long now = nanos.getAsLong();
        waiting.replaceAll((jobId, wait) -> wait.held() ? new Wait(wait.since(), now, false) : wait);
    }

    /**
     * Starts due retries and runs that waited long enough for an answer, and stores decisions that could not be stored
     * before.
     */
    public synchronized void tick() {
        pause.get()
                .ifPresentOrElse(
                        this::endUnstarted, () -> retries.due(this::busy).forEach(this::retry));
        long now = nanos.getAsLong();
        if (!decisions.isEmpty() && now - storeFailedAt >= STORE_RETRY_NANOS) {
            List.copyOf(decisions.keySet()).forEach(this::settle);
        }
        waiting.entrySet().stream()
                .filter(run -> run.getValue().over(now)
                        && !decisions.containsKey(run.getKey())
                        && (run.getValue().held() || !defers(run.getKey())))
                .toList()
                .forEach(run -> {
                    log.log(
                            Level.WARNING,
                            (run.getValue().held()
                                            ? "the server held the run for an hour; it starts now, and restic's locks decide"
                                            : "no answer from the server; the run starts without it")
                                    + " job=" + run.getKey());
                    run(run.getKey(), Optional.empty());
                });
    }

    /** Ends the runs for due times that have not started. Retries wait. */
    private void endUnstarted(Pause paused) {
        journal.list().stream()
                .filter(entry -> entry.trigger().byDueTime()
                        && entry.scheduleId().isPresent()
                        && (entry.phase() == JobEntry.Phase.WAITING || entry.phase() == JobEntry.Phase.QUEUED)
                        && !decisions.containsKey(entry.jobId()))
                .forEach(entry -> decide(
                        entry.jobId(),
                        () -> runner.endWaiting(
                                entry.jobId(), waitingEntry -> results.missed(waitingEntry, paused.words()))));
    }

    /**
     * Runs a job that the server ordered, or a waiting run that it allowed.
     *
     * @return false if there are too many jobs already and this one is ignored
     */
    public synchronized boolean run(ToAgent.CommandRun command) {
        if (waiting.containsKey(command.jobId())) {
            run(command.jobId(), Optional.of(command));
            return true;
        }
        if (journal.damaged(command.jobId())) {
            results.damaged(command);
        }
        if (journal.knows(command.jobId())) {
            return true; // repeated
        }
        if (journal.full()) {
            return false;
        }
        decide(command.jobId(), () -> take(command));
        return true;
    }

    private void take(ToAgent.CommandRun command) {
        var problem = problem(command.order());
        if (order(command) instanceof JobSpec spec && problem.isEmpty()) {
            journal.accept(JobEntry.ordered(command, spec));
            runner.enqueue(command.jobId());
        } else {
            var reason = problem.orElse("a " + command.order().kind().word() + " needs a schedule");
            results.refused(command, Outcome.failed(ErrorCode.AGENT_ERROR, "the agent refuses this job: " + reason));
        }
    }

    /** The order of a job that is no run of a schedule: a forget without one is of the whole host, as the server plans it. */
    private static JobOrder order(ToAgent.CommandRun command) {
        return command.order().equals(new JobOrder.AsHeld(JobKind.FORGET))
                        && !command.trigger().byDueTime()
                ? new JobSpec.Forget(Optional.empty())
                : command.order();
    }

    /** Holds a run: the server's answer is to wait. */
    public synchronized void hold(ToAgent.CommandHold hold) {
        waiting.computeIfPresent(hold.jobId(), (jobId, wait) -> new Wait(wait.since(), wait.asked(), true));
    }

    /** Drops a run: the server's answer is not to start it. */
    public synchronized void refuse(ToAgent.CommandRefuse refusal) {
        decide(
                refusal.jobId(),
                () -> runner.endWaiting(refusal.jobId(), entry -> results.missed(entry, refusal.reason())));
    }

    /** Cancels a job. */
    public synchronized void cancel(ToAgent.CommandCancel command) {
        decide(command.jobId(), () -> runner.cancel(command.jobId()));
    }

    private void waitFor(JobId jobId) {
        long now = nanos.getAsLong();
        waiting.put(jobId, new Wait(now, now, false));
    }

    /** @param answer the server's; absent if there is none */
    private void run(JobId jobId, Optional<ToAgent.CommandRun> answer) {
        decide(
                jobId,
                () -> journal.find(jobId)
                        .filter(entry -> entry.phase() == JobEntry.Phase.WAITING)
                        .ifPresent(entry -> {
                            journal.update(
                                    jobId,
                                    stored -> answer.map(command -> answered(stored, command))
                                            .orElse(stored)
                                            .in(JobEntry.Phase.QUEUED));
                            runner.enqueue(jobId);
                        }));
    }

    /** The entry with the schedule that the server sent; unchanged if there is none or it is invalid. */
    private static JobEntry answered(JobEntry stored, ToAgent.CommandRun command) {
        return command.order() instanceof JobSpec spec
                        && spec.kind() == stored.kind()
                        && spec.scheduled().isPresent()
                        && problem(spec).isEmpty()
                ? stored.with(spec, command.repositoryId())
                : stored.with(stored.spec(), command.repositoryId());
    }

    private void decide(JobId jobId, Runnable decision) {
        decisions.put(jobId, decision);
        settle(jobId);
    }

    private void settle(JobId jobId) {
        try {
            decisions.get(jobId).run();
            decisions.remove(jobId);
            waiting.remove(jobId);
        } catch (UncheckedIOException e) {
            storeFailedAt = nanos.getAsLong();
            log.log(
                    Level.ERROR,
                    "the decision about a run cannot be stored, trying again soon job=" + jobId + ": "
                            + e.getMessage());
        } catch (RuntimeException e) {
            decisions.remove(jobId); // another try would fail alike
            throw e;
        }
    }

    /** Why the schedule of an order is invalid. Checked, as a compromised server could send anything. */
    private static Optional<String> problem(JobOrder order) {
        return order.scheduled()
                .flatMap(schedule -> schedule.refusals().stream().findFirst())
                .map(Violation::detail);
    }

    private static ToServer.ScheduleFire fire(JobEntry entry) {
        return new ToServer.ScheduleFire(
                entry.jobId(),
                entry.scheduleId().orElseThrow(),
                entry.dueAt().orElseThrow(),
                entry.scheduleVersion(),
                Optional.of(entry.trigger()).filter(JobTrigger.RETRY::equals));
    }
}
