package io.resticfleet.agent.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobOrder;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Schedule;
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
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Runs that came due and ask the server for its word; without one they run all the same.
 *
 * <p>A run is in the journal before anybody is asked. If nobody answers for 20 s, or there is nobody to ask, it runs from
 * what this machine holds. A server that says wait is waited for as long as the connection stands, but not longer than an
 * hour: then restic's own locks decide.
 *
 * <p>What was decided of a run and could not be written down, as on a full disk, is tried again until it can.
 *
 * <p>Safe for use by many threads.
 */
public final class DueRuns {

    private static final System.Logger log = System.getLogger(DueRuns.class.getName());
    private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();
    private static final long LONGEST_HOLD_NANOS = Duration.ofHours(1).toNanos();
    private static final long AFTER_TROUBLE_NANOS = Duration.ofSeconds(10).toNanos();

    private final RunIds ids;
    private final Journal journal;
    private final Results results;
    private final Runner runner;
    private final Retries retries;
    private final Predicate<ToServer> send;
    private final LongSupplier nanos;

    /** The runs that are in the journal as waiting. */
    private final Map<String, Wait> waiting = new HashMap<>();

    /** What shall become of a run, until it is on disk. */
    private final Map<String, Runnable> decided = new HashMap<>();

    private long troubleAt;

    /**
     * @param since when it came due
     * @param asked when the server was asked last
     * @param held the server said wait
     */
    private record Wait(long since, long asked, boolean held) {
        boolean over(long now) {
            return held ? now - since >= LONGEST_HOLD_NANOS : now - asked >= PATIENCE_NANOS;
        }
    }

    /** @param send hands a message to the connection; false if there is none */
    public DueRuns(
            RunIds ids,
            Journal journal,
            Results results,
            Runner runner,
            Retries retries,
            Predicate<ToServer> send,
            LongSupplier nanos) {
        this.ids = ids;
        this.journal = journal;
        this.results = results;
        this.runner = runner;
        this.retries = retries;
        this.send = send;
        this.nanos = nanos;
        journal.list().stream()
                .filter(entry -> entry.phase() == JobEntry.Phase.WAITING)
                .forEach(entry -> waitFor(entry.jobId()));
    }

    /** Whether a run of this schedule waits or runs; then there is no room for another. */
    public boolean busy(String scheduleId) {
        return journal.list().stream()
                .anyMatch(entry -> !entry.ended()
                        && entry.scheduleId().filter(scheduleId::equals).isPresent());
    }

    /**
     * A schedule is due now.
     *
     * @param life how often the clock had been set back before
     */
    public synchronized void due(Schedule schedule, Instant dueAt, int life, long scheduleVersion) {
        var entry = JobEntry.fired(ids.of(schedule.id(), dueAt, life), schedule, dueAt, scheduleVersion);
        if (!journal.accept(entry)) {
            return; // fired before
        }
        log.log(Level.INFO, "schedule due schedule=" + schedule.id() + " job=" + entry.jobId());
        retries.superseded(schedule.id());
        ask(entry);
    }

    private void again(Retries.Retry retry) {
        var entry = JobEntry.again(retry);
        if (journal.accept(entry)) {
            log.log(
                    Level.INFO,
                    "tried again schedule=" + retry.schedule().id() + " try=" + retry.number() + " job="
                            + entry.jobId());
            ask(entry);
        } else if (journal.find(entry.jobId()).filter(held -> !held.ended()).isEmpty()) {
            retries.dropped(retry); // refused or cancelled; the journal does not know its id for ever
        }
    }

    private void ask(JobEntry entry) {
        waitFor(entry.jobId());
        if (!send.test(fire(entry))) {
            run(entry.jobId(), Optional.empty());
        }
    }

    /**
     * A schedule was due and does not run for that time.
     *
     * @param since the oldest due time that this stands for
     */
    public void missed(Schedule schedule, Instant since, Instant dueAt, int life, String reason) {
        log.log(Level.WARNING, "run missed schedule=" + schedule.id() + " due=" + dueAt + ": " + reason);
        results.missed(ids.of(schedule.id(), dueAt, life), schedule, since, dueAt, reason);
    }

    /** A connection stands: asks again. */
    public synchronized void connected() {
        for (var jobId : waiting.keySet()) {
            journal.find(jobId).ifPresent(entry -> send.test(fire(entry)));
        }
        long now = nanos.getAsLong();
        waiting.replaceAll((jobId, wait) -> new Wait(wait.since(), now, false));
    }

    /** The connection is gone, and with it the server's word to wait. */
    public synchronized void disconnected() {
        long now = nanos.getAsLong();
        waiting.replaceAll((jobId, wait) -> wait.held() ? new Wait(wait.since(), now, false) : wait);
    }

    /** Tries again what is due for it, runs what has waited long enough for an answer, and writes down what could not be before. */
    public synchronized void tick() {
        retries.due(this::busy).forEach(this::again);
        long now = nanos.getAsLong();
        if (!decided.isEmpty() && now - troubleAt >= AFTER_TROUBLE_NANOS) {
            List.copyOf(decided.keySet()).forEach(this::settle);
        }
        waiting.entrySet().stream()
                .filter(run -> run.getValue().over(now) && !decided.containsKey(run.getKey()))
                .toList()
                .forEach(run -> {
                    log.log(
                            Level.WARNING,
                            (run.getValue().held()
                                            ? "the server has said wait for an hour, the run starts and restic's locks decide"
                                            : "the server does not answer, the run starts without it")
                                    + " job=" + run.getKey());
                    run(run.getKey(), Optional.empty());
                });
    }

    /**
     * The server wants a job done, or answers one that is due.
     *
     * @return false if there are too many already, and nothing becomes of it
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
            return true; // said before
        }
        if (journal.full()) {
            return false;
        }
        decide(command.jobId(), () -> take(command));
        return true;
    }

    private void take(ToAgent.CommandRun command) {
        var problem = problem(command.order());
        if (command.order() instanceof JobSpec spec && problem.isEmpty()) {
            journal.accept(JobEntry.asked(command, spec));
            runner.enqueue(command.jobId());
        } else {
            var words = problem.orElse("a " + command.order().kind().word() + " needs a schedule");
            results.refused(command, Outcome.failed(ErrorCode.AGENT_ERROR, "the agent refuses this job: " + words));
        }
    }

    /** The server says wait. */
    public synchronized void hold(ToAgent.CommandHold hold) {
        waiting.computeIfPresent(hold.jobId(), (jobId, wait) -> new Wait(wait.since(), wait.asked(), true));
    }

    /** The server says no. */
    public synchronized void refuse(ToAgent.CommandRefuse refusal) {
        decide(
                refusal.jobId(),
                () -> runner.endWaiting(refusal.jobId(), entry -> results.missed(entry, refusal.reason())));
    }

    /** Somebody wants a job stopped. */
    public synchronized void cancel(ToAgent.CommandCancel command) {
        decide(command.jobId(), () -> runner.cancel(command.jobId()));
    }

    private void waitFor(String jobId) {
        long now = nanos.getAsLong();
        waiting.put(jobId, new Wait(now, now, false));
    }

    /** @param answer the server's; absent if there is none */
    private void run(String jobId, Optional<ToAgent.CommandRun> answer) {
        decide(
                jobId,
                () -> journal.find(jobId)
                        .filter(entry -> entry.phase() == JobEntry.Phase.WAITING)
                        .ifPresent(entry -> {
                            journal.update(
                                    jobId,
                                    held -> answer.map(command -> answered(held, command))
                                            .orElse(held)
                                            .in(JobEntry.Phase.QUEUED));
                            runner.enqueue(jobId);
                        }));
    }

    /** With the server's schedule, unless it sent none, or one that cannot be used. */
    private static JobEntry answered(JobEntry held, ToAgent.CommandRun command) {
        return command.order() instanceof JobSpec spec
                        && spec.kind() == held.kind()
                        && spec.scheduled().isPresent()
                        && problem(spec).isEmpty()
                ? held.with(spec, command.repositoryId())
                : held.with(held.spec(), command.repositoryId());
    }

    private void decide(String jobId, Runnable decision) {
        decided.put(jobId, decision);
        settle(jobId);
    }

    private void settle(String jobId) {
        try {
            decided.get(jobId).run();
            decided.remove(jobId);
            waiting.remove(jobId);
        } catch (UncheckedIOException e) {
            troubleAt = nanos.getAsLong();
            log.log(
                    Level.ERROR,
                    "what becomes of a run cannot be written down, trying again soon job=" + jobId + ": "
                            + e.getMessage());
        } catch (RuntimeException e) {
            decided.remove(jobId); // another try would end alike
            throw e;
        }
    }

    /** What is wrong with the schedule of a command, which may come from a server that was taken over. */
    private static Optional<String> problem(JobOrder order) {
        return order.scheduled()
                .flatMap(schedule -> Ids.wellFormed(schedule.id())
                        ? schedule.violations().stream().findFirst().map(Violation::detail)
                        : Optional.of("its schedule has an impossible id"));
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
