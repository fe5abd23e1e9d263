package io.resticfleet.protocol;

import java.time.Instant;

/**
 * A line of a job's log.
 *
 * @param line its number in the job, from 1 with no gap
 * @param at when the agent read it
 * @param stream {@code restic} for what restic printed, {@code agent} for the agent's own words, {@code hook}
 * @param text without line end and without secrets
 */
public record LogLine(long line, Instant at, String stream, String text) {}
