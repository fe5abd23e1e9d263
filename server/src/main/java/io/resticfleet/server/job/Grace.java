package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Time after a due time until a run without a report counts as missed: 10 minutes or a tenth of the interval to the
 * next due time, whichever is longer, plus the jitter.
 *
 * @param jitter maximum delay of the start
 */
public record Grace(CronExpression cron, ZoneId zone, Duration jitter) {

    /** Agents report a due time at once, and run by themselves after 20 s without an answer. */
    static final Duration MIN_GRACE = Duration.ofMinutes(10);

    private static final int INTERVAL_PARTS = 10;

    /** The grace of a due time. */
    public Duration of(Instant dueAt) {
        var interval = Duration.between(dueAt, cron.next(dueAt, zone).orElse(dueAt));
        var share = interval.dividedBy(INTERVAL_PARTS);
        return (share.compareTo(MIN_GRACE) > 0 ? share : MIN_GRACE)
                .plus(jitter.compareTo(interval) < 0 ? jitter : interval);
    }

    /** The newest due time whose grace has ended. */
    Optional<Instant> newestOver(Instant now) {
        var due = cron.previous(now.minus(MIN_GRACE), zone);
        while (due.isPresent() && due.get().plus(of(due.get())).isAfter(now)) {
            due = cron.previous(due.get().minusNanos(1), zone);
        }
        return due;
    }
}
