package io.resticfleet.agent.schedule;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ZoneChange;
import java.lang.System.Logger.Level;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Decides what is due. It has no thread of its own: its owner calls {@link #tick} often enough.
 *
 * <p>Each tick covers the time since the last one, which is kept on disk, so due times that passed while the machine
 * was asleep or off are handled too: the newest of a schedule runs, if its {@link io.resticfleet.protocol.CatchUp}
 * allows it; older ones are reported as missed.
 *
 * <p>In a pause nothing runs, and nothing that was due in it runs afterwards: it is reported as missed.
 *
 * <p>A clock that is set back by more than a few minutes is trusted, and what comes due again runs again: waiting for
 * the old time would leave a machine without backups for as long as its clock had been wrong.
 *
 * <p>Safe for use by many threads.
 */
public final class Planner {

    static final String ASLEEP =
            "the machine was asleep or off, its agent was not running, or its clock or time zone was changed";
    static final String BUSY = "the previous run of this schedule was still waiting or running";

    private static final System.Logger log = System.getLogger(Planner.class.getName());
    private static final String FILE = "planner.json";

    /** A run that starts later than this counts as a catch-up. */
    private static final Duration LATE = Duration.ofMinutes(5);

    /** The planner waits for a clock set back by less, and trusts one set back by more. */
    private static final Duration SMALL_STEP_BACK = Duration.ofMinutes(5);

    private static final int MAX_MISSED_ROWS = 24;

    private final InstantSource clock;
    private final Supplier<ZoneId> systemZone;
    private final Supplier<Optional<Pause>> pause;
    private final StateDirectory state;
    private final DueListener listener;
    private final Map<ScheduleId, ScheduleCursor> cursors = new HashMap<>();
    private final Map<String, CronExpression> parsed = new HashMap<>();
    private volatile HostZone hostZone;
    private ToAgent.ScheduleSet set = new ToAgent.ScheduleSet(0, List.of());

    /**
     * Contents of the file.
     *
     * @param zone of the positions of schedules without a time zone; absent if an older agent wrote the file, like {@code
     *     zoneSince}
     */
    record PlannerFile(Map<ScheduleId, ScheduleCursor> positions, Optional<String> zone, Optional<Instant> zoneSince) {}

    /**
     * @param systemZone the machine's present time zone, for schedules without one
     * @param pause the last pause of this host, which may have ended by itself; absent if there is none
     */
    public Planner(
            InstantSource clock,
            Supplier<ZoneId> systemZone,
            Supplier<Optional<Pause>> pause,
            StateDirectory state,
            DueListener listener) {
        this.clock = clock;
        this.pause = pause;
        this.systemZone = systemZone;
        this.hostZone = new HostZone(systemZone.get(), Optional.empty());
        this.state = state;
        this.listener = listener;
        try {
            state.readJson(FILE, PlannerFile.class).ifPresent(file -> {
                cursors.putAll(file.positions());
                hostZone = new HostZone(file.zone().flatMap(Planner::zone).orElse(hostZone.zone()), file.zoneSince());
            });
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "the planner's state was lost, schedules start from now: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
        }
    }

    /** Absent if this Java does not know it, as one with older time zone data than that which stored it. */
    private static Optional<ZoneId> zone(String id) {
        try {
            return Optional.of(ZoneId.of(id));
        } catch (DateTimeException e) {
            log.log(Level.WARNING, "unknown time zone, the machine's present one is used: " + e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Replaces the schedules. Due times of the old ones are handled first; a schedule whose times have changed
     * continues from there, a new one starts from now.
     */
    public synchronized void follow(ToAgent.ScheduleSet newSet) {
        var now = clock.instant();
        handleDue(now);
        var timings = newSet.schedules().stream().collect(Collectors.toMap(Schedule::id, ScheduleCursor::timing));
        set.schedules().stream()
                .filter(schedule -> !ScheduleCursor.timing(schedule).equals(timings.get(schedule.id())))
                .forEach(schedule -> tick(schedule.withoutJitter(), now)); // its delayed start would never come
        set = newSet;
        parsed.clear();
        var before = Map.copyOf(cursors);
        cursors.keySet().retainAll(timings.keySet());
        for (var schedule : set.schedules()) {
            cursors.compute(
                    schedule.id(),
                    (id, held) -> held == null ? ScheduleCursor.start(schedule, now) : held.of(schedule, now));
        }
        if (!cursors.equals(before)) {
            save();
        }
    }

    /** Handles what has become due since the last tick, and a change of the machine's time zone. */
    public synchronized void tick() {
        var now = clock.instant();
        handleDue(now);
        var zone = systemZone.get();
        if (!zone.equals(hostZone.zone())) {
            change(new ZoneChange(hostZone.zone(), zone, now));
        }
    }

    private void handleDue(Instant now) {
        set.schedules().forEach(schedule -> tick(schedule, now));
    }

    /** The time zone in use. */
    public HostZone zone() {
        return hostZone;
    }

    private void change(ZoneChange change) {
        log.log(
                Level.INFO,
                "the machine's time zone has changed, and so have the due times of schedules without one of their own"
                        + " from=" + change.before() + " to=" + change.after());
        var moving = set.schedules().stream()
                .filter(schedule -> schedule.enabled() && !schedule.manual())
                .filter(schedule -> schedule.timeZone().isEmpty())
                .toList();
        moving.forEach(schedule -> tick(schedule.withoutJitter(), change.at())); // its delayed start would never come
        moving.forEach(schedule -> cursors.computeIfPresent(
                schedule.id(),
                (id, cursor) -> cursor.handledUntil().isAfter(change.at())
                        ? cursor
                        : cursor.until(change.handledUntil(cron(schedule)))));
        hostZone = new HostZone(change.after(), Optional.of(change.at()));
        save();
    }

    private void tick(Schedule schedule, Instant now) {
        if (!schedule.enabled() || schedule.manual()) {
            return;
        }
        var cursor = cursors.get(schedule.id());
        var from = cursor.handledUntil();
        if (from.isAfter(now)) {
            if (from.isAfter(now.plus(SMALL_STEP_BACK))) {
                log.log(
                        Level.WARNING,
                        "the clock was set back, the schedule starts from now schedule=" + schedule.id());
                advance(schedule, cursor.setBack(now));
            }
            return;
        }
        if (!now.truncatedTo(ChronoUnit.MINUTES).isAfter(from)) {
            return; // due times are whole minutes
        }
        var cron = cron(schedule);
        var zone = schedule.zone(hostZone.zone());
        var newest = cron.previous(now, zone).filter(time -> time.isAfter(from));
        if (newest.isEmpty()) {
            // In memory only: nothing was due, so there is nothing to remember on disk.
            cursors.put(schedule.id(), cursor.until(now));
            return;
        }
        handle(schedule, new Times(cron, zone, from, newest.get()), cursor, now);
    }

    private CronExpression cron(Schedule schedule) {
        return parsed.computeIfAbsent(schedule.cron().orElseThrow(), CronExpression::parse);
    }

    /**
     * Due times that have passed.
     *
     * @param from exclusive lower bound: everything up to here was handled
     * @param newest the latest of them
     */
    private record Times(CronExpression cron, ZoneId zone, Instant from, Instant newest) {

        /** The number of due times before the newest. */
        long older() {
            return cron.count(from, newest.minusNanos(1), zone);
        }

        Instant before(Instant time) {
            return cron.previous(time.minusNanos(1), zone).orElseThrow();
        }

        Instant start(Schedule schedule) {
            return newest.plus(
                    Jitter.of(schedule, newest, cron.next(newest, zone).orElse(Instant.MAX)));
        }
    }

    private void handle(Schedule schedule, Times times, ScheduleCursor cursor, Instant now) {
        boolean older = times.older() > 0;
        if (older) {
            reportOlder(schedule, times, cursor.life());
        }
        var start = times.start(schedule);
        if (now.isBefore(start)) {
            if (older) {
                advance(schedule, cursor.until(times.newest().minusNanos(1)));
            }
            return;
        }
        startOrMiss(schedule, new DueTime(times.newest(), cursor.life()), start, now);
        advance(
                schedule,
                cursor.until(
                        now)); // after the run is in the journal: a crash in between starts it again with the same id
    }

    private void startOrMiss(Schedule schedule, DueTime time, Instant start, Instant now) {
        var late = Duration.between(start, now);
        var paused = pause.get().filter(found -> found.isActive(now) || found.contains(time.at()));
        if (paused.isPresent()) {
            listener.missed(schedule, time.at(), time, paused.get().words());
        } else if (late.compareTo(LATE) > 0 && late.compareTo(schedule.catchUp().longest()) > 0) {
            listener.missed(
                    schedule, time.at(), time, ASLEEP + "; no catch-up run, as catch_up is " + schedule.catchUp());
        } else if (listener.busy(schedule.id())) {
            listener.missed(schedule, time.at(), time, BUSY);
        } else {
            listener.run(schedule, time, set.version());
        }
    }

    /** Reports the newest missed due times one by one, and all earlier ones as a single entry. */
    private void reportOlder(Schedule schedule, Times times, int life) {
        long older = times.older();
        var rows = new ArrayDeque<Instant>();
        for (var time = times.newest(); rows.size() < Math.min(older, MAX_MISSED_ROWS); rows.push(time)) {
            time = times.before(time);
        }
        long rest = older - rows.size();
        if (rest > 0) {
            var first = times.cron().next(times.from(), times.zone()).orElseThrow();
            listener.missed(
                    schedule,
                    first,
                    new DueTime(times.before(rows.peek()), life),
                    reason(first, rows.peek()) + " (this stands for " + rest + " due times since " + first + ")");
        }
        rows.forEach(time -> listener.missed(schedule, time, new DueTime(time, life), reason(time, time)));
    }

    /** Why the due times from the first to the last have no run. */
    private String reason(Instant first, Instant last) {
        return pause.get()
                .filter(found -> found.contains(first) && found.contains(last))
                .map(Pause::words)
                .orElse(ASLEEP);
    }

    private void advance(Schedule schedule, ScheduleCursor cursor) {
        cursors.put(schedule.id(), cursor);
        save();
    }

    private void save() {
        state.writeJson(
                FILE, new PlannerFile(cursors, Optional.of(hostZone.zone().getId()), hostZone.since()));
    }
}
