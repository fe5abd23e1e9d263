package io.resticfleet.server.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * What of a job matters to a look at all machines at once.
 *
 * @param scheduleId absent for one-shots
 * @param at when it was due; if it was asked for, when that was
 * @param finishedAt absent while it goes on
 * @param error in words; see {@link Job}
 */
public record JobSummary(
        String id,
        String hostId,
        Optional<String> scheduleId,
        JobKind kind,
        JobStatus status,
        Instant at,
        Optional<Instant> finishedAt,
        Optional<String> error) {}
