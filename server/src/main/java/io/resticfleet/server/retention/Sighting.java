package io.resticfleet.server.retention;

import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the server itself knows of a snapshot.
 *
 * @param snapshotId 64 hexadecimal digits
 * @param firstSeen time of the first complete listing with it
 * @param lastWithout time of the last complete listing before that; absent if there was none
 * @param time the snapshot's own, which anyone who can write to the repository chooses
 * @param scheduleTags its tags that begin with {@code schedule:}
 */
public record Sighting(
        String snapshotId, Instant firstSeen, Optional<Instant> lastWithout, Instant time, List<String> scheduleTags) {

    static Sighting of(Snapshot snapshot, Instant firstSeen, Optional<Instant> lastWithout) {
        var tags = snapshot.tags().stream()
                .filter(tag -> tag.startsWith(Schedule.TAG_PREFIX))
                .toList();
        return new Sighting(snapshot.id(), firstSeen, lastWithout, snapshot.time(), tags);
    }

    boolean isTaggedOnly(ScheduleId schedule) {
        return scheduleTags.equals(List.of(Schedule.TAG_PREFIX + schedule));
    }
}
