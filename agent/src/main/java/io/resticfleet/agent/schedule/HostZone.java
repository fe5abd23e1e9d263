package io.resticfleet.agent.schedule;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * The time zone of schedules without one of their own.
 *
 * @param since when the machine's time zone was last found changed; absent if it never was
 */
public record HostZone(ZoneId zone, Optional<Instant> since) {}
