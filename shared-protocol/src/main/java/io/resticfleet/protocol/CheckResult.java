package io.resticfleet.protocol;

/** How many errors a check found; the job's status says whether they are damage. */
public record CheckResult(long errorCount) implements JobResult {}
