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
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
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
public final class MissedRuns {

    private static final Logger log = LoggerFactory.getLogger(MissedRuns.class);

    /** Rows for one schedule at one look; a schedule of every minute on a machine that is off must not fill the disk. */
    private static final int MOST_ROWS = 24;

    /** Due times looked at one by one. */
    private static final int MOST_LOOKED_AT = 2_000;

    /** Where the server's own clock was ahead, it looks back so far when that is mended. */
    private static final Duration AFTER_WRONG_CLOCK = Duration.ofDays(1);

    /** A machine's clock may be ahead of ours by so much more than we know. */
    static final Duration EARLY = Duration.ofHours(1);

    /** What due times depend on. */
    private record Timing(Instant since, String cron, ZoneId zone, int jitterMinutes, Optional<Instant> checked) {}

    private record Next(Timing timing, Instant at) {}

    /**
     * Due times whose grace is over.
     *
     * @param after this side of it none was looked at
     * @param newest of them
     */
    private record Over(CronExpression cron, ZoneId zone, Instant after, Instant newest) {}

    /** Due times that one row stands for. */
    private record Rest(Instant first, Instant last, long count) {}

    private final Map<String, Next> nextDue = new ConcurrentHashMap<>();
    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Agents agents;
    private final InstantSource clock;

    public MissedRuns(Database db, Hosts hosts, Schedules schedules, Agents agents, InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.agents = agents;
        this.clock = clock;
    }

    /** Looks at every due time whose {@link Grace} is over and that was not looked at before. */
    public void check() {
        if (agents.comingBack()) {
            return; // those that ran while this server was down have yet to tell
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
                    .ifPresent(over -> db.change(tx -> record(tx, host, schedule, over)));
        }
    }

    /**
     * The due times that a schedule has are about to end. Nothing looks at them again, so those that have passed unheard
     * of are missed now, within their grace or not; if its agent has run one, that takes the row's place as ever.
     */
    public void timingEnds(Handle tx, Host host, Schedule schedule) {
        if (!schedule.enabled() || schedule.manual()) {
            return;
        }
        var now = clock.instant();
        var since = schedules.timedSince(tx, schedule.id());
        var after =
                checked(tx, schedule, now).filter(until -> until.isAfter(since)).orElse(since);
        var cron = CronExpression.parse(schedule.cron().orElseThrow());
        var zone = schedule.zone(host.zone());
        cron.previous(now, zone)
                .filter(newest -> newest.isAfter(after))
                .ifPresent(newest -> record(tx, host, schedule, new Over(cron, zone, after, newest)));
    }

    private static Optional<Instant> checked(Handle handle, Schedule schedule, Instant now) {
        return handle.attach(ScheduleWatchDao.class)
                .checkedUntil(schedule.id())
                .map(until -> until.isAfter(now) ? now.minus(AFTER_WRONG_CLOCK) : until);
    }

    /** A schedule counts from when its timing was last changed. */
    private Optional<Over> over(Handle handle, Host host, Schedule schedule, Instant now) {
        var since = schedules.timedSince(handle, schedule.id());
        var checked = checked(handle, schedule, now);
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
                                    .map(due -> due.plus(Grace.SHORTEST))
                                    .orElse(Instant.MAX)));
        }
        return over.map(newest -> new Over(cron, timing.zone(), after, newest));
    }

    /** The newest have a row each, if they are missing; what is missing of the others has one together. */
    private void record(Handle tx, Host host, Schedule schedule, Over over) {
        var jobs = tx.attach(JobDao.class);
        var early = EARLY.plusMillis(Math.max(0, host.clockSkewMs().orElse(0L)));
        var rows = new ArrayDeque<Instant>();
        var older = new ArrayDeque<Instant>();
        var due = over.newest();
        for (int i = 0; i < MOST_LOOKED_AT && due.isAfter(over.after()); i++) {
            if (!jobs.accountedFor(host.id(), schedule.id(), due, due.minus(early))) {
                (i < MOST_ROWS ? rows : older).push(due);
            }
            due = over.cron().previous(due.minusNanos(1), over.zone()).orElse(Instant.MIN);
        }
        rest(jobs, host, schedule, over, due, older)
                .ifPresent(rest -> unheard(
                        tx,
                        host,
                        schedule,
                        Optional.of(rest.first()).filter(rest.last()::isAfter),
                        rest.last(),
                        reason(host)
                                + (rest.count() == 1
                                        ? ""
                                        : " (this stands for " + rest.count() + " due times since " + rest.first()
                                                + ")")));
        rows.forEach(at -> unheard(tx, host, schedule, Optional.empty(), at, reason(host)));
        tx.attach(ScheduleWatchDao.class).checked(schedule.id(), over.newest());
    }

    /**
     * @param unseen the newest of those that would take too long to look at one by one; there are none if it was looked at
     *     before
     * @param missing of those that were looked at, oldest first
     */
    private static Optional<Rest> rest(
            JobDao jobs, Host host, Schedule schedule, Over over, Instant unseen, ArrayDeque<Instant> missing) {
        long more = !unseen.isAfter(over.after())
                ? 0
                : over.cron().count(over.after(), unseen, over.zone())
                        - jobs.accounted(host.id(), schedule.id(), over.after(), unseen);
        if (more <= 0) {
            return Optional.ofNullable(missing.peekFirst())
                    .map(first -> new Rest(first, missing.peekLast(), missing.size()));
        }
        var first = over.cron().next(over.after(), over.zone()).orElseThrow();
        return Optional.of(new Rest(first, missing.isEmpty() ? unseen : missing.peekLast(), more + missing.size()));
    }

    private void unheard(
            Handle tx, Host host, Schedule schedule, Optional<Instant> since, Instant dueAt, String reason) {
        tx.attach(JobDao.class).unheard(db.newId(), host.id(), schedule, since, dueAt, reason, clock.instant());
        log.warn("backup missed host={} schedule={} due={}: {}", host.id(), schedule.id(), dueAt, reason);
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
