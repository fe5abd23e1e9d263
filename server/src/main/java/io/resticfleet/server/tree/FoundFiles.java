package io.resticfleet.server.tree;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.SnapshotPath;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A part of what was found. It may have fewer items than were asked for, and none, although there is a next part.
 *
 * @param incomplete whether snapshots of these hosts are not indexed, so that there may be more
 * @param nextCursor value of {@code ?cursor=} for the next part; absent on the last one
 */
public record FoundFiles(List<Item> items, boolean incomplete, Optional<String> nextCursor) {

    /**
     * A file or directory, in its newest version.
     *
     * @param hostId absent if no host has this hostname and uses the repository
     * @param hostname as in the snapshots
     * @param size in bytes; absent for what is no file
     * @param firstSnapshotId of the oldest snapshot that has something at this path
     * @param lastSnapshotId of the newest
     * @param versions number of different ones
     */
    public record Item(
            Optional<HostId> hostId,
            String hostname,
            RepositoryId repositoryId,
            @JsonUnwrapped SnapshotPath path,
            String type,
            Optional<Long> size,
            Instant mtime,
            String firstSnapshotId,
            String lastSnapshotId,
            int versions) {}
}
