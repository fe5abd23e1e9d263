package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.ScheduleWatchDao.Timing;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * Finds due times without a report, so that no run is missed silently.
 *
 * <p>A missed row is provisional: when the agent reconnects and reports what it did at that time, its report replaces
 * the row.
 */
public final class MissedRuns {

    /**
     * @param timing that the time was computed from
     * @param at before this time there is nothing to check
     */
    private record Next(Timing timing, Instant at) {}

    private final Map<ScheduleId, Next> nextDue = new ConcurrentHashMap<>();
    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final MissedRows rows;
    private final Agents agents;
    private final InstantSource clock;

    public MissedRuns(
            Database db, Hosts hosts, Schedules schedules, MissedRows rows, Agents agents, InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.rows = rows;
        this.agents = agents;
        this.clock = clock;
    }

    /** Checks every due time whose {@link Grace} has ended and that was not checked before. */
    public void check() {
        if (agents.awaitsReports()) {
            return; // agents that ran while this server was down, or could not store, have yet to report
        }
        var now = clock.instant();
        // One query for all: in the usual case there is nothing to check.
        db.read(handle -> handle.attach(ScheduleWatchDao.class).timings()).stream()
                .filter(timing -> !isLater(timing, now))
                .filter(timing -> over(timing, now).isPresent())
                .forEach(timing -> db.change(tx -> record(tx, timing.scheduleId(), now)));
    }

    private boolean isLater(Timing timing, Instant now) {
        return Optional.ofNullable(nextDue.get(timing.scheduleId()))
                .filter(next -> next.timing().equals(timing) && next.at().isAfter(now))
                .isPresent();
    }

    /** Reads the timing again, as the schedule may have changed meanwhile. */
    private void record(Handle tx, ScheduleId scheduleId, Instant now) {
        tx.attach(ScheduleWatchDao.class)
                .timing(scheduleId)
                .ifPresent(timing -> over(timing, now)
                        .ifPresent(over -> rows.record(
                                tx,
                                hosts.get(tx, timing.hostId()),
                                schedules.get(tx, timing.hostId(), scheduleId),
                                over)));
    }

    /** Returns the due times to check; those before the last change of the schedule's timing do not count. */
    private Optional<MissedRows.DueTimes> over(Timing timing, Instant now) {
        var after = timing.checkedUntil()
                .map(until -> MissedRows.correct(until, now))
                .filter(until -> until.isAfter(timing.since()))
                .orElse(timing.since());
        var cron = CronExpression.parse(timing.cron());
        var zone = timing.zone();
        var grace = new Grace(cron, zone, Duration.ofMinutes(timing.jitterMinutes()));
        var over = grace.newestOver(now).filter(newest -> newest.isAfter(after));
        if (over.isEmpty()) {
            nextDue.put(
                    timing.scheduleId(),
                    new Next(
                            timing,
                            cron.next(after, zone)
                                    .map(due -> due.plus(Grace.MIN_GRACE))
                                    .orElse(Instant.MAX)));
        }
        return over.map(newest -> new MissedRows.DueTimes(cron, zone, after, newest));
    }
}
