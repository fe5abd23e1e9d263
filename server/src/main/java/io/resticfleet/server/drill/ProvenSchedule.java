package io.resticfleet.server.drill;

import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Optional;

/**
 * The last drill that succeeded with a snapshot of this backup schedule.
 *
 * @param files number of files that were restored
 * @param bytes their size
 * @param seconds how long restic took; absent if that was not measured
 */
public record ProvenSchedule(ScheduleId scheduleId, Instant at, long files, long bytes, Optional<Double> seconds) {}
