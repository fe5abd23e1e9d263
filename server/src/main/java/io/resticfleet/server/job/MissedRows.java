package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The missed rows that this server makes itself, for due times without a report. */
public final class MissedRows implements Schedules.TimingEnd {

    private static final Logger log = LoggerFactory.getLogger(MissedRows.class);

    /** Rows for one schedule at one look; a schedule of every minute on a host that is off must not fill the disk. */
    private static final int MOST_ROWS = 24;

    /** Due times looked at one by one. */
    private static final int MOST_LOOKED_AT = 2_000;

    /** Where the server's own clock was ahead, it looks back so far when that is mended. */
    private static final Duration AFTER_WRONG_CLOCK = Duration.ofDays(1);

    /** A host's clock may be ahead of ours by so much more than we know. */
    static final Duration EARLY = Duration.ofHours(1);

    /**
     * Due times to be looked at.
     *
     * @param after exclusive lower bound: due times up to here were looked at before
     * @param newest the last of them, inclusive
     */
    record DueTimes(CronExpression cron, ZoneId zone, Instant after, Instant newest) {}

    /** Due times that one row stands for. */
    private record Rest(Instant first, Instant last, long count) {}

    private final Database db;
    private final Agents agents;
    private final InstantSource clock;

    public MissedRows(Database db, Agents agents, InstantSource clock) {
        this.db = db;
        this.agents = agents;
        this.clock = clock;
    }

    /**
     * Rows give way to what the agent reports. Where one stood for more due times than that, these are looked at again.
     *
     * @param since the oldest due time of the report
     * @param dueAt the newest
     * @param jobId of the report
     */
    static void giveWay(
            Handle tx, String hostId, Optional<String> scheduleId, Instant since, Instant dueAt, String jobId) {
        if (scheduleId.isEmpty()) {
            return;
        }
        var jobs = tx.attach(JobDao.class);
        var again = jobs.unheardSince(hostId, scheduleId.get(), since, dueAt);
        jobs.forgetMissed(hostId, scheduleId.get(), since, dueAt, jobId);
        again.ifPresent(from -> tx.attach(ScheduleWatchDao.class).lookAgain(scheduleId.get(), from.minusMillis(1)));
    }

    /** Up to where a schedule's due times were looked at; empty if none was. */
    static Optional<Instant> checkedUntil(Handle handle, Schedule schedule, Instant now) {
        return handle.attach(ScheduleWatchDao.class)
                .checkedUntil(schedule.id())
                .map(until -> until.isAfter(now) ? now.minus(AFTER_WRONG_CLOCK) : until);
    }

    /**
     * Nothing looks at the due times of this schedule again: those that have passed without a report are missed now, within
     * their grace or not. A run that the agent reports later takes the row's place as ever.
     */
    @Override
    public void of(Handle tx, Host host, Schedule schedule, Instant since) {
        if (!schedule.enabled() || schedule.manual()) {
            return;
        }
        var now = clock.instant();
        var after = checkedUntil(tx, schedule, now)
                .filter(until -> until.isAfter(since))
                .orElse(since);
        var cron = CronExpression.parse(schedule.cron().orElseThrow());
        var zone = schedule.zone(host.zone());
        cron.previous(now, zone)
                .filter(newest -> newest.isAfter(after))
                .ifPresent(newest -> record(tx, host, schedule, new DueTimes(cron, zone, after, newest)));
    }

    /** The newest have a row each, if they are missing; what is missing of the others has one together. */
    void record(Handle tx, Host host, Schedule schedule, DueTimes over) {
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
            JobDao jobs, Host host, Schedule schedule, DueTimes over, Instant unseen, ArrayDeque<Instant> missing) {
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
