package io.resticfleet.agent.schedule;

import java.time.Instant;

/**
 * One due time.
 *
 * @param life how often the clock had been set back before, as the same time can then come more than once
 */
public record DueTime(Instant at, int life) {}
