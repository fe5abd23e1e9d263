package io.resticfleet.protocol;

/** Number of snapshots that were copied to another repository. */
public record CopyResult(long snapshotsCopied) implements JobResult {

    public CopyResult {
        snapshotsCopied = Limit.count(snapshotsCopied);
    }
}
