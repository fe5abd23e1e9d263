package io.resticfleet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * Size of a repository, and its keys.
 *
 * @param sizeBytes stored size of all data that snapshots need
 * @param uncompressedBytes the same before compression; absent before restic 0.15, and in repositories of format 1
 * @param keys everybody who knows the password of one of these can read the repository
 */
public record StatsResult(
        long sizeBytes,
        Optional<Long> uncompressedBytes,
        long blobCount,
        long snapshotCount,
        Optional<List<RepositoryKey>> keys)
        implements JobResult {

    public StatsResult {
        sizeBytes = Limit.count(sizeBytes);
        uncompressedBytes = uncompressedBytes.map(Limit::count);
        blobCount = Limit.count(blobCount);
        snapshotCount = Limit.count(snapshotCount);
        keys = keys.map(RepositoryKey::limited);
    }
}
