package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * Number of a schedule's backups on one day that ended with the same status.
 *
 * @param scheduleId absent for one-shots
 * @param day on which they were due, or requested
 * @param last when the last of them was due or requested
 */
public record BackupCount(
        HostId hostId, Optional<ScheduleId> scheduleId, LocalDate day, JobStatus status, int count, Instant last) {}
