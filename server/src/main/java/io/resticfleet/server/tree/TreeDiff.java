package io.resticfleet.server.tree;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import io.resticfleet.protocol.SnapshotPath;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A part of what differs between two snapshots.
 *
 * @param addedBytes size, in the second snapshot, of all files that are new or changed
 * @param removedBytes size, in the first snapshot, of all files that are gone or changed
 * @param items in the order of a walk through both: a directory, then at once its content
 * @param nextCursor value of {@code ?cursor=} for the next part; absent on the last one
 */
public record TreeDiff(long addedBytes, long removedBytes, List<Item> items, Optional<String> nextCursor) {

    /** How a file differs. */
    public enum Change {
        ADDED,
        REMOVED,
        /** Size, time, owner, permissions or link target differ. */
        CHANGED,
        /** A file became a directory, or the like. */
        TYPE;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A file that differs, or a directory that is new, gone or was something else.
     *
     * @param type in the second snapshot, of what is gone in the first
     * @param sizeBefore in bytes; absent unless it was a file
     * @param sizeAfter in bytes; absent unless it is a file
     */
    public record Item(
            @JsonUnwrapped SnapshotPath path,
            Change change,
            String type,
            Optional<Long> sizeBefore,
            Optional<Long> sizeAfter) {}
}
