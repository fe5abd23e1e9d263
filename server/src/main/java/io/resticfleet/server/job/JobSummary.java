package io.resticfleet.server.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * The part of a job that an overview of all hosts needs.
 *
 * @param scheduleId absent for one-shots
 * @param at when it was due, or requested
 * @param finishedAt absent until it has ended
 * @param error as text; see {@link Job}
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
