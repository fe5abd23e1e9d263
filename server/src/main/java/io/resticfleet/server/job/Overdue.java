package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds due times for which nothing was heard, so that none is silently missing.
 *
 * <p>A missed row is what the server knows, not the last word: when the agent comes back and tells what it did at that
 * time, its word takes the row's place.
 */
public final class Overdue {

    private static final Logger log = LoggerFactory.getLogger(Overdue.class);

    /** How late a run may be heard of before it counts as missed. Agents ask at once, or run after 20 s. */
    public static final Duration GRACE = Duration.ofMinutes(5);

    /** Rows for one schedule at one look; a schedule of every minute on a machine that is off must not fill the disk. */
    private static final int MOST_ROWS = 24;

    private static final int MOST_COUNTED = 5_000;

    /** What due times depend on. */
    private record Timing(Instant since, String cron, ZoneId zone) {}

    private record Next(Timing timing, Instant at) {}

    private final Map<String, Next> nextDue = new ConcurrentHashMap<>();
    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Agents agents;
    private final InstantSource clock;
    private final Instant startedAt;

    public Overdue(Database db, Hosts hosts, Schedules schedules, Agents agents, InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.agents = agents;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /** Looks at every due time up to {@link #GRACE} ago that was not looked at before. */
    public void check() {
        var until = clock.instant().minus(GRACE);
        if (until.isBefore(startedAt)) {
            return; // agents that ran while this server was down have yet to tell
        }
        for (var hostId : hosts.ids()) {
            hosts.find(hostId).ifPresent(host -> check(host, until));
        }
    }

    private void check(Host host, Instant until) {
        var timed = db.read(handle -> schedules.all(handle, host.id())).stream()
                .filter(schedule -> schedule.enabled() && !schedule.manual())
                .toList();
        for (var schedule : timed) {
            var due = db.read(handle -> due(handle, host, schedule, until));
            if (!due.isEmpty()) {
                db.change(tx -> record(tx, host, schedule, due, until));
            }
        }
    }

    /** The due times not yet looked at, oldest first. A schedule counts from when its timing was last changed. */
    private List<Instant> due(Handle handle, Host host, Schedule schedule, Instant until) {
        var since = schedules.timedSince(handle, schedule.id());
        var timing = new Timing(since, schedule.cron().orElseThrow(), schedule.zone(host.zone()));
        var next = nextDue.get(schedule.id());
        if (next != null && next.timing().equals(timing) && next.at().isAfter(until)) {
            return List.of();
        }
        var from = handle.attach(ScheduleWatchDao.class)
                .checkedUntil(schedule.id())
                .filter(checked -> checked.isAfter(since))
                .orElse(since);
        var cron = CronExpression.parse(timing.cron());
        nextDue.put(
                schedule.id(), new Next(timing, cron.next(until, timing.zone()).orElse(Instant.MAX)));
        return cron.dueBetween(from, until, timing.zone(), MOST_COUNTED);
    }

    private void record(Handle tx, Host host, Schedule schedule, List<Instant> due, Instant until) {
        var jobs = tx.attach(JobDao.class);
        var missing = due.stream()
                .filter(at -> !jobs.accountedFor(host.id(), schedule.id(), at))
                .toList();
        missing.stream().limit(MOST_ROWS).forEach(at -> {
            var reason = reason(host)
                    + (missing.size() > MOST_ROWS && at.equals(missing.get(MOST_ROWS - 1))
                            ? "; so did " + (missing.size() - MOST_ROWS) + " later times of this schedule"
                            : "");
            jobs.missed(
                    host.id(),
                    new ToServer.JobMissed(0, db.newId(), schedule.kind(), schedule.id(), at, reason),
                    clock.instant());
            log.warn("backup missed host={} schedule={} due={}: {}", host.id(), schedule.id(), at, reason);
        });
        tx.attach(ScheduleWatchDao.class).checked(schedule.id(), until);
    }

    private String reason(Host host) {
        if (agents.connected(host.id())) {
            return "the agent is connected but has not run it";
        }
        return "nothing was heard of it: the agent is not connected, "
                + host.lastSeenAt().map(at -> "last seen " + at).orElse("and never was")
                + "; if it ran, this changes when the agent is back";
    }
}
