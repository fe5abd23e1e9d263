package io.resticfleet.server.job;

import io.resticfleet.protocol.JobStatus;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * How many of a schedule's backups came out alike on one day.
 *
 * @param scheduleId absent for one-shots
 * @param day on which they were due, or asked for
 * @param last when the last of them was
 */
public record BackupCount(
        String hostId, Optional<String> scheduleId, LocalDate day, JobStatus status, int count, Instant last) {}
