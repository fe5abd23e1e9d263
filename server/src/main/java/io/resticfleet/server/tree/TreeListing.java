package io.resticfleet.server.tree;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.resticfleet.protocol.SnapshotPath;
import java.util.List;
import java.util.Optional;

/**
 * A part of a directory of a snapshot.
 *
 * @param path of the directory
 * @param entries in the order of their names' bytes
 * @param total number of all entries of the directory
 * @param indexed whether it is from the index; else an agent was asked
 * @param nextCursor value of {@code ?cursor=} for the next part; absent on the last one
 */
public record TreeListing(
        @JsonUnwrapped SnapshotPath path,
        List<TreeEntry> entries,
        long total,
        boolean indexed,
        Optional<String> nextCursor) {}
