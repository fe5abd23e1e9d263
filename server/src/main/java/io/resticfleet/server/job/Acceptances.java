package io.resticfleet.server.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Problem;
import java.util.Optional;
import java.util.Set;

/**
 * Runs that saved less than expected or are not like the ones before, and were meant. Agent and server then compare later
 * runs with the accepted one, and old snapshots are removed again.
 */
public final class Acceptances {

    private static final Set<ErrorCode> ACCEPTABLE =
            Set.of(ErrorCode.SOURCE_EMPTY, ErrorCode.SOURCE_SHRUNK, ErrorCode.NOTHING_SAVED);

    private final Database db;
    private final Schedules schedules;
    private final UnusualBackups unusual;

    public Acceptances(Database db, Schedules schedules, UnusualBackups unusual) {
        this.db = db;
        this.schedules = schedules;
        this.unusual = unusual;
    }

    /** Whether a job can be accepted. */
    public boolean acceptable(Job job) {
        return isHeldByAgent(job) || isUnusual(job);
    }

    private static boolean isHeldByAgent(Job job) {
        return job.kind() == JobKind.BACKUP
                && job.status() == JobStatus.PARTIAL
                && job.scheduleId().isPresent()
                && job.errorCode()
                        .filter(code -> ACCEPTABLE.contains(code.code()))
                        .isPresent();
    }

    private boolean isUnusual(Job job) {
        return job.kind() == JobKind.BACKUP
                && job.snapshotId().isPresent()
                && job.scheduleId()
                        .filter(id -> unusual.contains(job.hostId(), id, job.id()))
                        .isPresent();
    }

    /**
     * Whether to accept a job can have an effect: its agent compares later runs neither with one that was followed by a
     * complete one, nor with one before the accepted one or the last {@link ToAgent.ScheduleSet#MAX_ACCEPTABLE}.
     */
    public boolean hasEffect(Job job) {
        return isUnusual(job)
                || db.read(handle -> !handle.attach(JobDao.class)
                        .isFollowed(
                                job,
                                schedules.acceptedRun(handle, job.scheduleId().orElseThrow()),
                                ToAgent.ScheduleSet.MAX_ACCEPTABLE));
    }

    /** Whether a job is the last accepted one of its schedule. */
    public boolean accepted(Job job) {
        return job.scheduleId()
                .flatMap(id -> db.read(handle -> schedules.acceptedRun(handle, id)))
                .equals(Optional.of(job.id()));
    }

    /**
     * Accepts a run of a schedule. The agent receives it with the schedule set, at the next connection at the latest.
     *
     * @throws Problem 404 if there is no such schedule, or no such run of it; 409 {@code not_acceptable} if the run is not
     *     partial for one of the reasons that can be accepted, or {@code superseded} if that would have no effect
     */
    public Schedule accept(Actor actor, HostId hostId, ScheduleId scheduleId, JobId jobId) {
        var job = db.read(handle -> {
            schedules.get(handle, hostId, scheduleId);
            return handle.attach(JobDao.class).find(jobId);
        });
        if (job.filter(found ->
                        found.hostId().equals(hostId) && found.scheduleId().equals(Optional.of(scheduleId)))
                .isEmpty()) {
            throw Problem.notFound("job " + jobId + " of this schedule");
        }
        if (!accepted(job.get()) && !acceptable(job.get())) {
            throw Problem.conflict(
                    "not_acceptable",
                    "only a backup can be accepted that ended partial with the code source_empty, source_shrunk or"
                            + " nothing_saved, or that has the code backup_shrunk or data_incompressible and none after it"
                            + " was accepted; this job is "
                            + job.get().status().word()
                            + job.get().errorCode().map(code -> " with " + code).orElse(""));
        }
        if (!accepted(job.get()) && !hasEffect(job.get())) {
            throw Problem.conflict(
                    "superseded",
                    "it has no effect any more to accept this run: since then, a run of the schedule was complete or"
                            + " accepted, or " + ToAgent.ScheduleSet.MAX_ACCEPTABLE
                            + " more were partial; if its last run is partial, look at that one");
        }
        var schedule = schedules.accept(actor, hostId, scheduleId, jobId);
        unusual.changed(hostId, scheduleId);
        return schedule;
    }
}
