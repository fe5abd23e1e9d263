package io.resticfleet.server.retention;

import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a policy keeps and removes, newest first.
 *
 * @param held why nothing of it would be removed now; absent if it would
 */
public record RetentionPreview(List<Kept> keep, List<Removed> remove, Optional<Held> held) {

    /**
     * A snapshot that stays.
     *
     * @param at when it counts: at its due time; its own time if it does not count
     * @param counts how sure it is that it was made for its due time: live, proven, unproven, confirmed or adopted; absent if
     *     it does not count
     */
    public record Kept(
            String snapshotId, List<String> reasons, ScheduleId scheduleId, Instant at, Optional<String> counts) {}

    /** A snapshot that goes. */
    public record Removed(String snapshotId, ScheduleId scheduleId, Instant at) {}

    /** @param since when the cause occurred */
    public record Held(String reason, Instant since) {}
}
