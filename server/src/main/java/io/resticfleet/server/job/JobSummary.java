package io.resticfleet.server.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Optional;

/**
 * The part of a job that an overview of all hosts needs.
 *
 * @param scheduleId absent for one-shots
 * @param at when it was due, or requested
 * @param finishedAt absent until it has ended
 * @param error as text; see {@link Job}
 * @param errorCode see {@link Job}
 * @param cancelRequestedAt absent unless a user asked to cancel it
 */
public record JobSummary(
        JobId id,
        HostId hostId,
        Optional<ScheduleId> scheduleId,
        JobKind kind,
        JobStatus status,
        Instant at,
        Optional<Instant> finishedAt,
        Optional<String> error,
        Optional<ErrorCode.Reported> errorCode,
        Optional<Instant> cancelRequestedAt) {

    /** Whether it succeeded, and retention of its schedule is held since then or before. */
    public boolean holdsRetention() {
        return Remark.find(status, errorCode).isPresent();
    }

    /** Whether it has been asked to stop, and has not ended yet. */
    public boolean stopping() {
        return cancelRequestedAt.isPresent() && !status.ended();
    }
}
