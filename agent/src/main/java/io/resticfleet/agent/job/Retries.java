package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
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
 * Backups that came due and made no snapshot, to be tried again: after 5, 15 and 45 minutes, then two times an hour later. The
 * schedule's next due time takes the place of what is left.
 *
 * <p>On disk; what is planned is written before the end of the run that failed is told. Safe for use by many threads.
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
    private final Map<String, Retry> retries = new TreeMap<>();

    /**
     * A run that shall be, or was, tried again.
     *
     * @param after the run that made no snapshot
     * @param jobId of the new one
     * @param number of this try, from 2
     * @param planned when it was decided
     * @param at when it shall begin
     */
    record Retry(
            String after,
            String jobId,
            Schedule schedule,
            Instant dueAt,
            long scheduleVersion,
            int number,
            Instant planned,
            Instant at) {

        private Retry with(Schedule newSchedule) {
            return new Retry(after, jobId, newSchedule, dueAt, scheduleVersion, number, planned, at);
        }

        /** A clock that was set back is not waited for. */
        private boolean over(Instant now) {
            return !now.isBefore(at) || now.isBefore(planned.minus(Duration.ofMinutes(5)));
        }
    }

    /** The file's form, by schedule. */
    record Planned(Map<String, Retry> retries) {}

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
            log.log(Level.ERROR, "nothing is tried again before its next due time: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
        }
        return opened;
    }

    /**
     * Plans another try, if this run shall have one.
     *
     * @return the outcome, which says so then
     */
    synchronized Outcome ended(JobEntry entry, Outcome outcome) {
        if (entry.kind() != JobKind.BACKUP
                || !entry.trigger().byDueTime()
                || entry.schedule().isEmpty()) {
            return outcome;
        }
        var id = entry.scheduleId().orElseThrow();
        var held = Optional.ofNullable(retries.get(id));
        if (held.filter(retry -> retry.after().equals(entry.jobId())).isPresent()) {
            return noted(outcome, held.get()); // planned before the agent was started anew
        }
        int number = held.filter(retry -> retry.jobId().equals(entry.jobId()))
                .map(Retry::number)
                .orElse(1);
        if (!worthwhile(outcome) || number > PAUSES.size()) {
            forget(Set.of(id)::contains);
            return outcome;
        }
        var retry = plan(entry, number);
        retries.put(id, retry);
        save();
        return noted(outcome, retry);
    }

    /** What is to begin now, of schedules that are not busy. */
    synchronized List<Retry> due(Predicate<String> busy) {
        var now = clock.instant();
        return retries.values().stream()
                .filter(retry -> retry.over(now) && !busy.test(retry.schedule().id()))
                .toList();
    }

    /** A try ended before it began, refused or cancelled. */
    synchronized void dropped(Retry retry) {
        if (retries.remove(retry.schedule().id(), retry)) {
            save();
        }
    }

    /** A schedule is due again. */
    synchronized void superseded(String scheduleId) {
        forget(scheduleId::equals);
    }

    /** Schedules have changed: what is not to run any more is not tried again. */
    public synchronized void follow(List<Schedule> schedules) {
        var running = new TreeMap<String, Schedule>();
        schedules.stream()
                .filter(schedule -> schedule.enabled() && !schedule.manual())
                .forEach(schedule -> running.put(schedule.id(), schedule));
        forget(id -> !running.containsKey(id));
        retries.replaceAll((id, retry) -> retry.with(running.get(id)));
    }

    private Retry plan(JobEntry entry, int number) {
        var now = clock.instant();
        var pause = PAUSES.get(number - 1);
        // A little more or less: machines that failed together do not come again together.
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

    private static boolean worthwhile(Outcome outcome) {
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
                        + " min, if its next time does not come before");
    }

    private void forget(Predicate<String> schedule) {
        if (retries.keySet().removeIf(schedule)) {
            save();
        }
    }

    private void save() {
        state.writeJson(FILE, new Planned(retries));
    }
}
