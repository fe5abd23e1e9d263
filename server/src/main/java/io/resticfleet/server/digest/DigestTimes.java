package io.resticfleet.server.digest;

import io.resticfleet.server.channel.DigestEvery;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/** When digests are due: at 07:00, weekly ones on Mondays. */
final class DigestTimes {

    private static final LocalTime AT = LocalTime.of(7, 0);

    private DigestTimes() {}

    /** The last due time that is not after {@code now}. Where the clock skips 07:00, the time after the gap counts. */
    static Instant last(DigestEvery every, Instant now, ZoneId zone) {
        var day = now.atZone(zone).toLocalDate();
        if (every == DigestEvery.WEEKLY) {
            day = day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        }
        var due = day.atTime(AT).atZone(zone).toInstant();
        return due.isAfter(now)
                ? day.minusDays(every == DigestEvery.WEEKLY ? 7 : 1)
                        .atTime(AT)
                        .atZone(zone)
                        .toInstant()
                : due;
    }
}
