package io.resticfleet.server.retention;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The snapshots of a backup schedule, and what retention does with them now.
 *
 * @param repositoryId the one that it uses; absent if its host has none
 * @param snapshots newest first, by their own time
 * @param held why nothing is removed for now; absent if nothing is to be removed, or nothing holds it
 * @param unusual the backup for which it is held; absent if it is held for another reason, or not at all
 */
public record ScheduleRetention(
        Optional<RepositoryId> repositoryId, List<Seen> snapshots, Optional<Hold> held, Optional<JobId> unusual) {

    /**
     * A snapshot.
     *
     * @param time its own
     * @param firstSeen when it was first listed
     * @param countsAt the due time or click that it counts for; absent if it does not count
     * @param trust how sure it is that it was made for that; absent if it does not count
     * @param reasons why it stays; empty if it goes
     */
    public record Seen(
            String snapshotId,
            Instant time,
            Instant firstSeen,
            Optional<Instant> countsAt,
            Optional<Binding.Trust> trust,
            List<String> reasons) {

        public boolean goes() {
            return reasons.isEmpty();
        }
    }
}
