package io.resticfleet.protocol;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/** All due times of a cron expression in a span, for comparison. */
final class DueTimes {

    private DueTimes() {}

    /**
     * The instants in {@code (after, until]}, oldest first.
     *
     * @param most stops after so many
     */
    static List<Instant> of(CronExpression cron, Instant after, Instant until, ZoneId zone, int most) {
        var due = new ArrayList<Instant>();
        var next = cron.next(after, zone);
        while (next.isPresent() && !next.get().isAfter(until) && due.size() < most) {
            due.add(next.get());
            next = cron.next(next.get(), zone);
        }
        return due;
    }
}
