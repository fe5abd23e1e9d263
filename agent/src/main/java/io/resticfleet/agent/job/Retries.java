package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Retries of backups that made no snapshot for their due time: after 5, 15 and 45 minutes, then twice after an hour.
 * The schedule's next due time replaces the remaining ones.
 *
 * <p>On disk; a retry is stored before the failed run is reported. Safe for use by many threads.
 */
public final class Retries {

    private static final System.Logger log = System.getLogger(Retries.class.getName());
    private static final String FILE = "retries.json";
    private static final List<Duration> PAUSES = List.of(
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofMinutes(45),
            Duration.ofHours(1),
            Duration.ofHours(1));

    private final StateDirectory state;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<ScheduleId, Retry> retries = new TreeMap<>();

    /**
     * A planned or started retry.
     *
     * @param after the failed run
     * @param jobId of the new run
     * @param number of this attempt; 2 for the first retry
     * @param planned when it was planned
     * @param at when it is due
     */
    record Retry(
            JobId after,
            JobId jobId,
            Schedule schedule,
            Instant dueAt,
            long scheduleVersion,
            int number,
            Instant planned,
            Instant at) {

        private Retry with(Schedule newSchedule) {
            return new Retry(after, jobId, newSchedule, dueAt, scheduleVersion, number, planned, at);
        }

        /** Whether it is due. Also true if the clock was set back, so that it is not delayed by that. */
        private boolean isDue(Instant now) {
            return !now.isBefore(at) || now.isBefore(planned.minus(Duration.ofMinutes(5)));
        }
    }

    /** Content of the file, by schedule. */
    record Planned(Map<ScheduleId, Retry> retries) {}

    private Retries(StateDirectory state, InstantSource clock, RandomGenerator random) {
        this.state = state;
        this.clock = clock;
        this.random = random;
    }

    public static Retries open(StateDirectory state, InstantSource clock, RandomGenerator random) {
        var opened = new Retries(state, clock, random);
        try {
            state.readJson(FILE, Planned.class).ifPresent(file -> opened.retries.putAll(file.retries()));
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "failed runs are not retried before their next due time: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
        }
        return opened;
    }

    /**
     * Plans a retry, if this run should have one.
     *
     * @return the outcome, with a note if there is a retry
     */
    synchronized Outcome ended(JobEntry entry, Outcome outcome) {
        if (entry.kind() != JobKind.BACKUP
                || !entry.trigger().byDueTime()
                || entry.schedule().isEmpty()) {
            return outcome;
        }
        var id = entry.scheduleId().orElseThrow();
        var known = Optional.ofNullable(retries.get(id));
        if (known.filter(retry -> retry.after().equals(entry.jobId())).isPresent()) {
            return noted(outcome, known.get()); // planned before the agent was restarted
        }
        int number = known.filter(retry -> retry.jobId().equals(entry.jobId()))
                .map(Retry::number)
                .orElse(1);
        if (!worthRetrying(outcome) || number > PAUSES.size()) {
            forget(Set.of(id)::contains);
            return outcome;
        }
        var retry = plan(entry, number);
        retries.put(id, retry);
        save();
        return noted(outcome, retry);
    }

    /** Retries to start now, of schedules that are not busy. */
    synchronized List<Retry> due(Predicate<ScheduleId> busy) {
        var now = clock.instant();
        return retries.values().stream()
                .filter(retry -> retry.isDue(now) && !busy.test(retry.schedule().id()))
                .toList();
    }

    /** Drops a retry that was refused or cancelled before it started. */
    synchronized void dropped(Retry retry) {
        if (retries.remove(retry.schedule().id(), retry)) {
            save();
        }
    }

    /** Drops a schedule's retry, as it is due again. */
    synchronized void superseded(ScheduleId scheduleId) {
        forget(scheduleId::equals);
    }

    /** Follows changed schedules: drops retries of those that do not run any more. */
    public synchronized void follow(List<Schedule> schedules) {
        var running = new TreeMap<ScheduleId, Schedule>();
        schedules.stream()
                .filter(schedule -> schedule.enabled() && !schedule.manual())
                .forEach(schedule -> running.put(schedule.id(), schedule));
        forget(id -> !running.containsKey(id));
        retries.replaceAll((id, retry) -> retry.with(running.get(id)));
    }

    private Retry plan(JobEntry entry, int number) {
        var now = clock.instant();
        var pause = PAUSES.get(number - 1);
        // ±10 %, so that machines that failed together do not retry together.
        var at = now.plus(pause.multipliedBy(90 + random.nextInt(21)).dividedBy(100));
        return new Retry(
                entry.jobId(),
                Ids.derived(at, (entry.jobId() + "/again").getBytes(StandardCharsets.UTF_8)),
                entry.schedule().orElseThrow(),
                entry.dueAt().orElse(now),
                entry.scheduleVersion(),
                number + 1,
                now,
                at);
    }

    private static boolean worthRetrying(Outcome outcome) {
        return (outcome.status() == JobStatus.FAILED || outcome.status() == JobStatus.INTERRUPTED)
                && outcome.snapshotId().isEmpty()
                && outcome.errorCode()
                        .filter(code -> code.retry() == ErrorCode.Retry.NEVER)
                        .isEmpty();
    }

    private static Outcome noted(Outcome outcome, Retry retry) {
        var pause = Duration.between(retry.planned(), retry.at());
        return outcome.withNote(
                Optional.empty(),
                "it is tried again in " + Math.max(1, pause.toMinutes())
                        + " min, unless its next due time comes first");
    }

    private void forget(Predicate<ScheduleId> schedule) {
        if (retries.keySet().removeIf(schedule)) {
            save();
        }
    }

    private void save() {
        state.writeJson(FILE, new Planned(retries));
    }
}
