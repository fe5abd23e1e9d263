package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Optional;

/**
 * The result of a backup: its host claims that this snapshot is of that run.
 *
 * @param host the authenticated one
 * @param announced when the server received the first message about the run: that it is due, or that it started
 * @param click when an operator requested the run; absent if the agent reported it
 * @param status succeeded or partial
 * @param reported when the server received the result
 */
public record Claim(
        JobId job,
        HostId host,
        ScheduleId schedule,
        Instant announced,
        Optional<Instant> click,
        JobStatus status,
        String snapshotId,
        Instant reported) {}
