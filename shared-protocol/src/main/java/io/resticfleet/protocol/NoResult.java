package io.resticfleet.protocol;

/** The result of a job without figures: its kind has none, or it failed before there were any. */
public record NoResult() implements JobResult {}
