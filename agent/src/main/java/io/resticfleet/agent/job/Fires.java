package io.resticfleet.agent.job;

import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Runs that came due and ask the server for its word; without one they run all the same.
 *
 * <p>A run is in the journal before anybody is asked. If nobody answers for 20 s, or there is nobody to ask, it runs from
 * what this machine holds. A server that says wait is waited for as long as the connection stands.
 *
 * <p>Safe for use by many threads.
 */
public final class Fires {

    private static final System.Logger log = System.getLogger(Fires.class.getName());
    private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

    private final Journal journal;
    private final Results results;
    private final Runner runner;
    private final Predicate<ToServer> send;
    private final LongSupplier nanos;

    /** Since when each run waits for an answer; empty for one that was told to wait. */
    private final Map<String, Optional<Long>> waiting = new HashMap<>();

    /** @param send hands a message to the connection; false if there is none */
    public Fires(Journal journal, Results results, Runner runner, Predicate<ToServer> send, LongSupplier nanos) {
        this.journal = journal;
        this.results = results;
        this.runner = runner;
        this.send = send;
        this.nanos = nanos;
        journal.list().stream()
                .filter(entry -> entry.phase() == JobEntry.Phase.WAITING)
                .forEach(entry -> waiting.put(entry.jobId(), Optional.of(nanos.getAsLong())));
    }

    /** Whether a run of this schedule waits or runs; then there is no room for another. */
    public boolean busy(String scheduleId) {
        return journal.list().stream()
                .anyMatch(entry -> !entry.ended()
                        && entry.scheduleId().filter(scheduleId::equals).isPresent());
    }

    /** A schedule is due now. */
    public synchronized void due(Schedule schedule, Instant dueAt, long scheduleVersion) {
        var entry = JobEntry.fired(Ids.ofRun(schedule.id(), dueAt), schedule, dueAt, scheduleVersion);
        if (!journal.accept(entry)) {
            return; // fired before
        }
        log.log(Level.INFO, "schedule due schedule=" + schedule.id() + " job=" + entry.jobId());
        if (send.test(fire(entry))) {
            waiting.put(entry.jobId(), Optional.of(nanos.getAsLong()));
        } else {
            run(entry.jobId(), Optional.empty());
        }
    }

    /** A schedule was due and does not run for that time. */
    public void missed(Schedule schedule, Instant dueAt, String reason) {
        log.log(Level.WARNING, "run missed schedule=" + schedule.id() + " due=" + dueAt + ": " + reason);
        results.missed(Ids.ofRun(schedule.id(), dueAt), schedule.kind(), schedule.id(), dueAt, reason);
    }

    /** A connection stands: asks again. */
    public synchronized void connected() {
        for (var jobId : waiting.keySet()) {
            journal.find(jobId).ifPresent(entry -> send.test(fire(entry)));
        }
        waiting.replaceAll((jobId, since) -> Optional.of(nanos.getAsLong()));
    }

    /** The connection is gone, and with it the server's word to wait. */
    public synchronized void disconnected() {
        waiting.replaceAll((jobId, since) -> since.or(() -> Optional.of(nanos.getAsLong())));
    }

    /** Runs what has waited long enough for an answer. */
    public synchronized void tick() {
        long now = nanos.getAsLong();
        waiting.entrySet().stream()
                .filter(run -> run.getValue()
                        .filter(since -> now - since >= PATIENCE_NANOS)
                        .isPresent())
                .map(Map.Entry::getKey)
                .toList()
                .forEach(jobId -> {
                    log.log(Level.WARNING, "the server does not answer, the run starts without it job=" + jobId);
                    run(jobId, Optional.empty());
                });
    }

    /** The server wants a job done, or answers one that is due. */
    public synchronized void run(ToAgent.CommandRun command) {
        if (waiting.containsKey(command.jobId())) {
            var schedule = command.schedule().filter(s -> problem(command).isEmpty());
            run(command.jobId(), schedule);
            return;
        }
        if (journal.knows(command.jobId())) {
            return; // said before
        }
        var problem = problem(command);
        journal.accept(JobEntry.asked(command));
        if (problem.isPresent()) {
            runner.endWaiting(
                    command.jobId(),
                    entry -> results.finished(entry, Outcome.failed("the agent refuses this job: " + problem.get())));
        } else {
            runner.enqueue(command.jobId());
        }
    }

    /** The server says wait. */
    public synchronized void hold(ToAgent.CommandHold hold) {
        if (waiting.containsKey(hold.jobId())) {
            waiting.put(hold.jobId(), Optional.empty());
        }
    }

    /** The server says no. */
    public synchronized void refuse(ToAgent.CommandRefuse refusal) {
        waiting.remove(refusal.jobId());
        runner.endWaiting(refusal.jobId(), entry -> results.missed(entry, refusal.reason()));
    }

    /** Somebody wants a job stopped. */
    public synchronized void cancel(ToAgent.CommandCancel command) {
        waiting.remove(command.jobId());
        runner.cancel(command.jobId());
    }

    private void run(String jobId, Optional<Schedule> schedule) {
        waiting.remove(jobId);
        journal.find(jobId)
                .filter(entry -> entry.phase() == JobEntry.Phase.WAITING)
                .ifPresent(entry -> {
                    journal.update(jobId, held -> held.with(schedule).in(JobEntry.Phase.QUEUED));
                    runner.enqueue(jobId);
                });
    }

    /** What is wrong with a command, which may come from a server that was taken over. */
    private static Optional<String> problem(ToAgent.CommandRun command) {
        if (command.schedule().isEmpty()) {
            return command.kind().oneShot()
                    ? Optional.empty()
                    : Optional.of("a " + command.kind().word() + " needs a schedule");
        }
        var schedule = command.schedule().get();
        if (schedule.kind() != command.kind() || !Ids.wellFormed(schedule.id())) {
            return Optional.of("its schedule is not one of that kind");
        }
        return schedule.violations().stream().findFirst().map(violation -> violation.detail());
    }

    private static ToServer.ScheduleFire fire(JobEntry entry) {
        return new ToServer.ScheduleFire(
                entry.jobId(), entry.scheduleId().orElseThrow(), entry.dueAt().orElseThrow(), entry.scheduleVersion());
    }
}
