package io.resticfleet.server.retention;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.repository.RepositoryView;
import java.time.Instant;
import java.util.Optional;

/**
 * How complete the copies are that a schedule makes, by the lists of snapshots of both repositories.
 *
 * @param schedule its name
 * @param newestSnapshotAt time of the newest snapshot of {@code from}; null if it has none
 * @param newestCopyAt time of the newest of them that is in {@code to}; null if none is
 * @param missing number of snapshots that are not in {@code to} and that retention did not remove there
 * @param missingSince when the first of them was seen; null if none is missing
 * @param listedAt when the snapshots of {@code to} were last listed; null if never
 * @param state complete: none is missing; waiting: those that are were made after the last copy was due; late: one is older,
 *     although a copy was due; unknown: {@code to} was never listed
 */
public record CopyView(
        ScheduleId scheduleId,
        String schedule,
        RepositoryView.User host,
        Place from,
        Place to,
        Optional<Instant> newestSnapshotAt,
        Optional<Instant> newestCopyAt,
        long missing,
        Optional<Instant> missingSince,
        Optional<Instant> listedAt,
        String state) {

    /**
     * One of the repositories.
     *
     * @param name empty if it was removed
     */
    public record Place(RepositoryId id, String name) {}

    static final String COMPLETE = "complete";
    static final String WAITING = "waiting";
    static final String LATE = "late";
    static final String UNKNOWN = "unknown";

    /** Whether something is missing that should have been copied. */
    public boolean late() {
        return state.equals(LATE);
    }
}
