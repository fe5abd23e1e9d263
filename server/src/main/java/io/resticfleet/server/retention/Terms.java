package io.resticfleet.server.retention;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.RetentionPolicy;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * One version of a schedule, as far as retention needs it.
 *
 * @param from when the operator made it, by the server's clock
 * @param cron absent while the schedule is manual or disabled: then it has no due times
 * @param zone fixed when the schedule is made; only an operator changes it
 */
public record Terms(Instant from, Optional<CronExpression> cron, ZoneId zone, RetentionPolicy policy) {}
