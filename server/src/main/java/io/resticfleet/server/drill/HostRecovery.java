package io.resticfleet.server.drill;

import io.resticfleet.protocol.HostId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What would be left of a host if it died.
 *
 * @param backups number of its enabled backup schedules
 * @param unsaved names of those without a complete backup, for which everything would be lost
 * @param lossSince start of the oldest of their last complete backups: what has changed since then would be lost; absent if
 *     there is none
 * @param estimate how long a restore of the last complete backup of each takes; absent before the first measured drill
 * @param proven the last drill that succeeded, of any snapshot; absent if none has
 * @param unproven names of the enabled backup schedules for which none has, which a restore of other data does not prove
 * @param provenSince the oldest of the last proofs of the enabled backup schedules; absent if one of them has none
 * @param schedules the last drill that succeeded of each backup schedule for which one has; in the order of their ids
 */
public record HostRecovery(
        HostId hostId,
        int backups,
        List<String> unsaved,
        Optional<Instant> lossSince,
        Optional<Duration> estimate,
        Optional<ProvenRestore> proven,
        List<String> unproven,
        Optional<Instant> provenSince,
        List<ProvenSchedule> schedules) {

    /** Those that would lose most come first. */
    public static final Comparator<HostRecovery> WORST_FIRST = Comparator.comparing(HostRecovery::losesAll)
            .reversed()
            .thenComparing(recovery -> recovery.lossSince().orElse(Instant.EPOCH))
            .thenComparing(recovery -> recovery.provenSince().orElse(Instant.EPOCH));

    /** Whether everything of at least one schedule would be lost, or nothing is backed up. */
    public boolean losesAll() {
        return backups == 0 || !unsaved.isEmpty();
    }

    /** As in the API. */
    public Recovery at(Instant now) {
        return new Recovery(
                lossSince
                        .filter(since -> !losesAll())
                        .map(since -> Math.max(0, Duration.between(since, now).toSeconds())),
                estimate.map(Duration::toSeconds),
                schedules);
    }
}
