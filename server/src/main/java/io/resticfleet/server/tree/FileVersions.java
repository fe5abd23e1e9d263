package io.resticfleet.server.tree;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.resticfleet.protocol.SnapshotPath;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a host's snapshots have at one path.
 *
 * @param items the newest first
 * @param incomplete whether snapshots of the host are not indexed, so that there may be more
 */
public record FileVersions(@JsonUnwrapped SnapshotPath path, List<Version> items, boolean incomplete) {

    /**
     * A file or directory that did not change between its snapshots, by type, size, time and link target.
     *
     * @param size in bytes; absent for what is no file
     * @param snapshotIds the newest first
     * @param firstAt when the oldest of these snapshots was taken
     * @param lastAt when the newest of them was taken
     */
    public record Version(
            String type,
            Optional<Long> size,
            Instant mtime,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> linkTarget,
            List<String> snapshotIds,
            Instant firstAt,
            Instant lastAt) {}
}
