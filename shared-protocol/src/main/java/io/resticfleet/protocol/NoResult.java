package io.resticfleet.protocol;

/** Of a job without figures, as those of its kind have none or as it failed before there were any. */
public record NoResult() implements JobResult {}
