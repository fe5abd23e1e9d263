package io.resticfleet.protocol;

/** Number of errors that a check found; the job's error code distinguishes damage from other errors. */
public record CheckResult(long errorCount) implements JobResult {

    public CheckResult {
        errorCount = Limit.count(errorCount);
    }
}
