package io.resticfleet.protocol;

/** How many snapshots a retention policy kept and removed. */
public record ForgetResult(long snapshotsKept, long snapshotsRemoved) implements JobResult {

    public ForgetResult {
        snapshotsKept = Limit.count(snapshotsKept);
        snapshotsRemoved = Limit.count(snapshotsRemoved);
    }
}
