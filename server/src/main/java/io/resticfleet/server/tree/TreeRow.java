package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.Optional;

/**
 * A snapshot that was indexed.
 *
 * @param resticTree restic's id of its root directory; empty if it is unknown
 * @param root block of its root directory; 0 if that is empty; absent if the tree was evicted
 * @param storedBytes size of the blocks that no other tree had
 * @param hostId whose agent listed it
 */
public record TreeRow(
        long id,
        RepositoryId repositoryId,
        String hostname,
        String snapshotId,
        Instant takenAt,
        String resticTree,
        Optional<Long> root,
        long nodes,
        long storedBytes,
        HostId hostId) {}
