package io.resticfleet.server.config;

/**
 * What one host may add in a day.
 *
 * @param jobs besides the runs for its due times
 * @param logBytes of all its jobs
 */
public record Quota(long jobs, long logBytes) {}
