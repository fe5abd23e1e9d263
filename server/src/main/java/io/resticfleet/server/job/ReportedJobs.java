package io.resticfleet.server.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Judges jobs that this server learns of by reports of their hosts: whether to add them, and whether others wait for them.
 * Agents run schedules without the server, so that most are real; a hostile agent can make up any number.
 */
public final class ReportedJobs {

    /** How late a run is reported at most, to count as the run for its due time. */
    private static final Duration LATE = Duration.ofDays(35);

    /** How far a host's clock may be ahead. */
    private static final long MAX_AHEAD_MS = Duration.ofDays(1).toMillis();

    /** Runs for one due time that the quota does not limit: an agent makes at most 5 retries. */
    private static final int MAX_RUNS = 8;

    private final Hosts hosts;
    private final Schedules schedules;
    private final PausedTimes paused;
    private final HostUsage usage;
    private final InstantSource clock;

    public ReportedJobs(Hosts hosts, Schedules schedules, Pauses pauses, HostUsage usage, InstantSource clock) {
        this.hosts = hosts;
        this.schedules = schedules;
        this.paused = new PausedTimes(pauses);
        this.usage = usage;
        this.clock = clock;
    }

    /**
     * Whether a report is about a job that is known, or may be added. Runs for due times always may; others count for the
     * host's quota.
     */
    boolean admits(
            Handle tx,
            HostId hostId,
            JobId jobId,
            JobKind kind,
            Optional<ScheduleId> scheduleId,
            Optional<Instant> dueAt) {
        return tx.attach(JobDao.class).find(jobId).isPresent()
                || isDue(tx, hostId, kind, scheduleId, dueAt)
                || usage.addJob(tx, hostId);
    }

    /** Like {@link #admits}, for a report that ends the job; counts it as dropped if it may not be added. */
    boolean admitsEnd(
            Handle tx,
            HostId hostId,
            JobId jobId,
            JobKind kind,
            Optional<ScheduleId> scheduleId,
            Optional<Instant> dueAt) {
        boolean admitted = admits(tx, hostId, jobId, kind, scheduleId, dueAt);
        if (!admitted) {
            usage.dropJob(tx, hostId);
        }
        return admitted;
    }

    /**
     * Whether the host has this schedule, of this kind. The due time does not matter: a run by hand has none after the database
     * was restored from an older copy, and that of a host whose clock is weeks ahead lies in the future.
     */
    boolean isExpected(Handle tx, HostId hostId, JobKind kind, Optional<ScheduleId> scheduleId) {
        return schedule(tx, hostId, kind, scheduleId).isPresent();
    }

    /**
     * Whether it can be a run for a due time: a plausible one, a whole minute, as of every cron expression, with few runs so
     * far. The schedule's cron may have changed since.
     */
    private boolean isDue(
            Handle tx, HostId hostId, JobKind kind, Optional<ScheduleId> scheduleId, Optional<Instant> dueAt) {
        return isExpected(tx, hostId, kind, scheduleId)
                && dueAt.filter(due -> due.equals(due.truncatedTo(ChronoUnit.MINUTES)) && isPlausible(tx, hostId, due))
                        .filter(due -> tx.attach(DueTimeDao.class).countRuns(hostId, scheduleId.get(), due) < MAX_RUNS)
                        .isPresent();
    }

    /** The code of a due time that an agent reports as missed; empty unless the host was paused. */
    Optional<ErrorCode.Reported> codeOf(Handle tx, HostId hostId, ToServer.JobMissed missed) {
        return schedule(tx, hostId, missed.kind(), Optional.of(missed.scheduleId()))
                .flatMap(schedule -> paused.find(
                        tx, hosts.get(tx, hostId), schedule, missed.since().orElse(missed.dueAt()), missed.dueAt()))
                .map(pause -> ErrorCode.PAUSED.reported());
    }

    private Optional<Schedule> schedule(Handle tx, HostId hostId, JobKind kind, Optional<ScheduleId> scheduleId) {
        return scheduleId.flatMap(id -> schedules.find(tx, hostId, id)).filter(found -> found.kind() == kind);
    }

    private boolean isPlausible(Handle tx, HostId hostId, Instant dueAt) {
        var now = clock.instant();
        var ahead = Duration.ofMillis(
                Math.max(0, Math.min(hosts.get(tx, hostId).clockSkewMs().orElse(0L), MAX_AHEAD_MS)));
        return dueAt.isAfter(now.minus(LATE))
                && dueAt.isBefore(now.plus(MissedRows.EARLY).plus(ahead));
    }
}
