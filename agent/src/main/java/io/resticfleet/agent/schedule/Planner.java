package io.resticfleet.agent.schedule;

import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides what is due. Owns no thread: whoever owns one calls {@link #tick} often enough.
 *
 * <p>It works from where it last was to now, and where it was is on disk, so time spent asleep or switched off is looked
 * at too: the newest due time of a schedule runs, each older one is told as missed.
 *
 * <p>Safe for use by many threads.
 */
public final class Planner {

    static final String ASLEEP = "the machine was asleep or the agent was not running; a later run made up for it";
    static final String BUSY = "the previous run of this schedule was still waiting or running";

    private static final System.Logger log = System.getLogger(Planner.class.getName());
    private static final String FILE = "planner.json";
    private static final Duration LOOK_BACK = Duration.ofDays(30);

    /** A clock set back by less is waited for; by more, is believed. */
    private static final Duration SMALL_STEP_BACK = Duration.ofMinutes(5);

    /** All minutes of the look-back. */
    private static final int MOST_DUE = 30 * 24 * 60 + 1;

    private static final int MOST_MISSED_ROWS = 24;

    private final InstantSource clock;
    private final ZoneId hostZone;
    private final Storage storage;
    private final Due due;
    private final Map<String, Position> positions = new HashMap<>();
    private ToAgent.ScheduleSet set = new ToAgent.ScheduleSet(0, List.of());

    /** The file's form. */
    record Positions(Map<String, Position> positions) {}

    /**
     * @param hostZone for schedules that name no zone
     * @param due told of what is noticed
     */
    public Planner(InstantSource clock, ZoneId hostZone, Storage storage, Due due) {
        this.clock = clock;
        this.hostZone = hostZone;
        this.storage = storage;
        this.due = due;
        try {
            storage.readJson(FILE, Positions.class).ifPresent(file -> positions.putAll(file.positions()));
        } catch (Storage.DamagedState e) {
            log.log(Level.ERROR, "schedules count from now: " + e.getMessage());
            storage.setAside(storage.root().resolve(FILE));
        }
    }

    /**
     * Follows these schedules from now on. One whose times have not changed keeps its place; a new or changed one counts
     * from now.
     */
    public synchronized void follow(ToAgent.ScheduleSet newSet) {
        tick(); // what was due under the old set is still owed
        set = newSet;
        var before = Map.copyOf(positions);
        var now = clock.instant();
        positions.keySet().retainAll(set.schedules().stream().map(Schedule::id).toList());
        for (var schedule : set.schedules()) {
            positions.compute(
                    schedule.id(),
                    (id, held) -> held == null || !held.timing().equals(Position.timing(schedule))
                            ? Position.start(schedule, now)
                            : held);
        }
        if (!positions.equals(before)) {
            save();
        }
    }

    /** Deals with what has fallen due since the last time. */
    public synchronized void tick() {
        var now = clock.instant();
        for (var schedule : set.schedules()) {
            if (schedule.enabled() && !schedule.manual()) {
                tick(schedule, now);
            }
        }
    }

    private void tick(Schedule schedule, Instant now) {
        var position = positions.get(schedule.id());
        var from = position.handledUntil();
        if (from.isAfter(now)) {
            if (from.isAfter(now.plus(SMALL_STEP_BACK))) {
                log.log(Level.WARNING, "the clock was set back, schedule counts from now schedule=" + schedule.id());
                positions.put(schedule.id(), position.handled(List.of(), now));
                save();
            }
            return;
        }
        if (!now.truncatedTo(ChronoUnit.MINUTES).isAfter(from)) {
            return; // due times are whole minutes
        }
        var earliest = now.minus(LOOK_BACK);
        var times = CronExpression.parse(schedule.cron().orElseThrow())
                .dueBetween(from.isBefore(earliest) ? earliest : from, now, schedule.zone(hostZone), MOST_DUE)
                .stream()
                .filter(time -> !position.fired().contains(time))
                .toList();
        if (times.isEmpty()) {
            // Kept in memory only: on disk it would only say again that nothing was due.
            positions.put(schedule.id(), position.handled(List.of(), now));
            return;
        }
        handle(schedule, times);
        positions.put(schedule.id(), position.handled(times, now));
        save(); // after the run is in the journal: a crash between the two fires the same id again
    }

    private void handle(Schedule schedule, List<Instant> times) {
        var newest = times.get(times.size() - 1);
        var older = times.subList(0, times.size() - 1);
        var rest = Math.max(0, older.size() - MOST_MISSED_ROWS);
        if (rest > 0) {
            due.missed(
                    schedule,
                    older.get(rest - 1),
                    ASLEEP + " (this stands for " + rest + " due times since " + older.get(0) + ")");
        }
        older.subList(rest, older.size()).forEach(time -> due.missed(schedule, time, ASLEEP));
        if (due.busy(schedule.id())) {
            due.missed(schedule, newest, BUSY);
        } else {
            due.run(schedule, newest, set.version());
        }
    }

    private void save() {
        storage.writeJson(FILE, new Positions(positions));
    }
}
