package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/**
 * How late a run may be heard of before it counts as missed: ten minutes or a tenth of the time to the next, whichever is
 * longer, and the jitter that its start may have.
 *
 * @param jitter longest
 */
record Grace(CronExpression cron, ZoneId zone, Duration jitter) {

    /** Agents ask at once, or run after 20 s. */
    static final Duration SHORTEST = Duration.ofMinutes(10);

    private static final int PART = 10;

    Duration of(Instant dueAt) {
        var interval = Duration.between(dueAt, cron.next(dueAt, zone).orElse(dueAt));
        var share = interval.dividedBy(PART);
        return (share.compareTo(SHORTEST) > 0 ? share : SHORTEST)
                .plus(jitter.compareTo(interval) < 0 ? jitter : interval);
    }

    /** The newest due time whose grace is over. */
    Optional<Instant> newestOver(Instant now) {
        var due = cron.previous(now.minus(SHORTEST), zone);
        while (due.isPresent() && due.get().plus(of(due.get())).isAfter(now)) {
            due = cron.previous(due.get().minusNanos(1), zone);
        }
        return due;
    }
}
