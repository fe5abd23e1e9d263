package io.resticfleet.server.repository;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.Optional;

/**
 * How a job at a repository ended.
 *
 * @param spec what it was to do beyond its kind; absent if that is nothing
 * @param at when it ended, by the agent's clock, and not in the future
 */
public record RepositoryReport(
        RepositoryId id,
        JobKind kind,
        JobStatus status,
        Optional<ErrorCode> code,
        Optional<String> error,
        Optional<JobResult> result,
        Optional<JobSpec> spec,
        Instant at) {}
