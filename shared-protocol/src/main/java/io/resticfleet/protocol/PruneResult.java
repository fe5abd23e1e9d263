package io.resticfleet.protocol;

/**
 * What a prune removed; of a dry run, what it would remove. Sizes in bytes, as restic rounds them.
 *
 * @param removedBytes unused data, with what repacking frees
 * @param repackedBytes data that was written again, to free what was unused beside it
 * @param remainingBytes all data afterwards
 * @param unusedBytes unused data that stays
 */
public record PruneResult(long removedBytes, long repackedBytes, long remainingBytes, long unusedBytes)
        implements JobResult {

    public PruneResult {
        removedBytes = Limit.count(removedBytes);
        repackedBytes = Limit.count(repackedBytes);
        remainingBytes = Limit.count(remainingBytes);
        unusedBytes = Limit.count(unusedBytes);
    }
}
