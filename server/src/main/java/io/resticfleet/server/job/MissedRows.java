package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Pauses;
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

/** Creates missed rows for due times without a report. */
public final class MissedRows implements Schedules.TimingEnd {

    private static final Logger log = LoggerFactory.getLogger(MissedRows.class);

    /**
     * Rows per schedule and check. Bounded, as a schedule of every minute on a host that is off must not fill the disk.
     */
    private static final int MAX_ROWS = 24;

    /** Due times checked one by one. */
    private static final int MAX_CHECKED = 2_000;

    /** Period to check again after the server's clock was ahead and has been corrected. */
    private static final Duration AFTER_WRONG_CLOCK = Duration.ofDays(1);

    /** Possible lead of a host's clock over the server's, beyond the measured one. */
    static final Duration EARLY = Duration.ofHours(1);

    /**
     * Due times to check.
     *
     * @param after exclusive lower bound: due times up to here were already checked
     * @param newest inclusive upper bound
     */
    record DueTimes(CronExpression cron, ZoneId zone, Instant after, Instant newest) {}

    /** Due times covered by one row. */
    private record Rest(Instant first, Instant last, long count) {}

    /** Why due times have no run. */
    private record Cause(String text, Optional<ErrorCode.Reported> code) {

        Cause with(String addition) {
            return new Cause(text + addition, code);
        }
    }

    private final Database db;
    private final PausedTimes paused;
    private final Agents agents;
    private final InstantSource clock;

    public MissedRows(Database db, Pauses pauses, Agents agents, InstantSource clock) {
        this.db = db;
        this.paused = new PausedTimes(pauses);
        this.agents = agents;
        this.clock = clock;
    }

    /**
     * Deletes the missed rows that an agent's report replaces. Due times that such a row covered beyond the report are
     * checked again.
     *
     * @param since the oldest due time of the report
     * @param dueAt the newest
     * @param jobId of the report
     */
    static void replace(
            Handle tx, HostId hostId, Optional<ScheduleId> scheduleId, Instant since, Instant dueAt, JobId jobId) {
        if (scheduleId.isEmpty()) {
            return;
        }
        var dueTimes = tx.attach(DueTimeDao.class);
        var again = dueTimes.oldestMissed(hostId, scheduleId.get(), since, dueAt);
        dueTimes.deleteMissed(hostId, scheduleId.get(), since, dueAt, jobId);
        again.ifPresent(from -> tx.attach(ScheduleWatchDao.class).checkAgain(scheduleId.get(), from.minusMillis(1)));
    }

    /** Up to when a schedule's due times were checked; empty if none were. */
    static Optional<Instant> checkedUntil(Handle handle, Schedule schedule, Instant now) {
        return handle.attach(ScheduleWatchDao.class).checkedUntil(schedule.id()).map(until -> correct(until, now));
    }

    /** A time in the future is from a clock that was ahead. */
    static Instant correct(Instant checkedUntil, Instant now) {
        return checkedUntil.isAfter(now) ? now.minus(AFTER_WRONG_CLOCK) : checkedUntil;
    }

    /**
     * Records due times without a report as missed at once, even within their grace, since the due times of this
     * schedule are not checked again. A run that the agent reports later replaces the row as usual.
     */
    @Override
    public void of(Handle tx, Host host, Schedule schedule, Instant since) {
        if (!schedule.enabled() || schedule.manual()) {
            return;
        }
        of(tx, host, schedule, since, clock.instant());
    }

    /** As above, of the due times until {@code until}. */
    void of(Handle tx, Host host, Schedule schedule, Instant since, Instant until) {
        var after = checkedUntil(tx, schedule, clock.instant())
                .filter(checked -> checked.isAfter(since))
                .orElse(since);
        var cron = CronExpression.parse(schedule.cron().orElseThrow());
        var zone = schedule.zone(host.zone());
        cron.previous(until, zone)
                .filter(newest -> newest.isAfter(after))
                .ifPresent(newest -> record(tx, host, schedule, new DueTimes(cron, zone, after, newest)));
    }

    /** Creates one row for each of the newest due times without a report, and one row for all older ones together. */
    void record(Handle tx, Host host, Schedule schedule, DueTimes over) {
        if (schedule.kind() == JobKind.FORGET && !agents.connected(host.id())) {
            tx.attach(ScheduleWatchDao.class)
                    .checked(schedule.id(), over.newest()); // deferred: its agent waits for this server
            return;
        }
        var dueTimes = tx.attach(DueTimeDao.class);
        var early = EARLY.plusMillis(Math.max(0, host.clockSkewMs().orElse(0L)));
        var rows = new ArrayDeque<Instant>();
        var older = new ArrayDeque<Instant>();
        var due = over.newest();
        for (int i = 0; i < MAX_CHECKED && due.isAfter(over.after()); i++) {
            if (!dueTimes.isReported(host.id(), schedule.id(), due, due.minus(early))) {
                (i < MAX_ROWS ? rows : older).push(due);
            }
            due = over.cron().previous(due.minusNanos(1), over.zone()).orElse(Instant.MIN);
        }
        rest(dueTimes, host, schedule, over, due, older)
                .ifPresent(rest -> insertMissed(
                        tx,
                        host,
                        schedule,
                        Optional.of(rest.first()).filter(rest.last()::isAfter),
                        rest.last(),
                        cause(tx, host, schedule, rest.first(), rest.last())
                                .with(
                                        rest.count() == 1
                                                ? ""
                                                : " (this stands for " + rest.count() + " due times since "
                                                        + rest.first() + ")")));
        rows.forEach(at -> insertMissed(tx, host, schedule, Optional.empty(), at, cause(tx, host, schedule, at, at)));
        tx.attach(ScheduleWatchDao.class).checked(schedule.id(), over.newest());
    }

    /**
     * @param unchecked the newest due time not checked one by one, as that would take too long; if it was checked before,
     *     there are none
     * @param missing those without a report among the checked ones, oldest first
     */
    private static Optional<Rest> rest(
            DueTimeDao dueTimes,
            Host host,
            Schedule schedule,
            DueTimes over,
            Instant unchecked,
            ArrayDeque<Instant> missing) {
        long more = !unchecked.isAfter(over.after())
                ? 0
                : over.cron().count(over.after(), unchecked, over.zone())
                        - dueTimes.countReported(host.id(), schedule.id(), over.after(), unchecked);
        if (more <= 0) {
            return Optional.ofNullable(missing.peekFirst())
                    .map(first -> new Rest(first, missing.peekLast(), missing.size()));
        }
        var first = over.cron().next(over.after(), over.zone()).orElseThrow();
        return Optional.of(new Rest(first, missing.isEmpty() ? unchecked : missing.peekLast(), more + missing.size()));
    }

    private void insertMissed(
            Handle tx, Host host, Schedule schedule, Optional<Instant> since, Instant dueAt, Cause cause) {
        tx.attach(DueTimeDao.class)
                .insertMissed(
                        new JobId(db.newId()),
                        host.id(),
                        schedule,
                        since,
                        dueAt,
                        cause.text(),
                        cause.code(),
                        clock.instant());
        log.warn("backup missed host={} schedule={} due={}: {}", host.id(), schedule.id(), dueAt, cause.text());
    }

    /** Why the due times from the first to the last have no run. */
    private Cause cause(Handle tx, Host host, Schedule schedule, Instant first, Instant last) {
        return paused.find(tx, host, schedule, first, last)
                .map(pause -> new Cause(pause.words(), Optional.of(ErrorCode.PAUSED.reported())))
                .orElseGet(() -> new Cause(withoutPause(host), Optional.empty()));
    }

    private String withoutPause(Host host) {
        if (agents.connected(host.id())) {
            return "the agent is connected but has not run it";
        }
        return "no report for this due time: the agent is not connected, "
                + host.lastSeenAt().map(at -> "last seen " + at).orElse("never seen")
                + "; if the run took place, this changes when the agent reconnects";
    }
}
