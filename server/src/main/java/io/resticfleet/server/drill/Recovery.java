package io.resticfleet.server.drill;

import java.util.List;
import java.util.Optional;

/**
 * What would happen if a host died now.
 *
 * @param loseAtMostSeconds the time whose changes would be lost, of the worst of its enabled backup schedules; null if one of
 *     them has no complete backup, or there is none
 * @param restoreEstimateSeconds how long a restore of the last complete backup of each of them takes; null before the first
 *     measured drill or restore
 * @param provenSchedules the last drill that succeeded, of each backup schedule for which one has
 */
public record Recovery(
        Optional<Long> loseAtMostSeconds,
        Optional<Long> restoreEstimateSeconds,
        List<ProvenSchedule> provenSchedules) {}
