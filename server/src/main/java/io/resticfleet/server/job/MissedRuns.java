package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
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

    /** The values that determine due times. */
    private record Timing(Instant since, String cron, ZoneId zone, int jitterMinutes, Optional<Instant> checked) {}

    private record Next(Timing timing, Instant at) {}

    private final Map<String, Next> nextDue = new ConcurrentHashMap<>();
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
        if (agents.inStartGrace()) {
            return; // agents that ran while this server was down have yet to report
        }
        var now = clock.instant();
        for (var hostId : hosts.ids()) {
            hosts.find(hostId).ifPresent(host -> check(host, now));
        }
    }

    private void check(Host host, Instant now) {
        var timed = db.read(handle -> schedules.all(handle, host.id())).stream()
                .filter(schedule -> schedule.enabled() && !schedule.manual())
                .toList();
        for (var schedule : timed) {
            db.read(handle -> over(handle, host, schedule, now))
                    .ifPresent(over -> db.change(tx -> rows.record(tx, host, schedule, over)));
        }
    }

    /** Returns the due times to check; those before the last change of the schedule's timing do not count. */
    private Optional<MissedRows.DueTimes> over(Handle handle, Host host, Schedule schedule, Instant now) {
        var since = schedules.timedSince(handle, schedule.id());
        var checked = MissedRows.checkedUntil(handle, schedule, now);
        var timing = new Timing(
                since, schedule.cron().orElseThrow(), schedule.zone(host.zone()), schedule.jitterMinutes(), checked);
        var next = nextDue.get(schedule.id());
        if (next != null && next.timing().equals(timing) && next.at().isAfter(now)) {
            return Optional.empty();
        }
        var after = checked.filter(until -> until.isAfter(since)).orElse(since);
        var cron = CronExpression.parse(timing.cron());
        var grace = new Grace(cron, timing.zone(), Duration.ofMinutes(timing.jitterMinutes()));
        var over = grace.newestOver(now).filter(newest -> newest.isAfter(after));
        if (over.isEmpty()) {
            nextDue.put(
                    schedule.id(),
                    new Next(
                            timing,
                            cron.next(after, timing.zone())
                                    .map(due -> due.plus(Grace.MIN_GRACE))
                                    .orElse(Instant.MAX)));
        }
        return over.map(newest -> new MissedRows.DueTimes(cron, timing.zone(), after, newest));
    }
}
