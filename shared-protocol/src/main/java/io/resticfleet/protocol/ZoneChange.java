package io.resticfleet.protocol;

import java.time.Instant;
import java.time.ZoneId;

/**
 * The change of a host's time zone: due times of schedules without a time zone count in the old one until then, and in the
 * new one from then on, as cron does after a correction of the time zone. A due time that the host's clocks skip by the change
 * counts too, as with daylight saving time.
 *
 * @see <a href="https://manpages.debian.org/bookworm/cron/cron.8.en.html">cron(8)</a>
 */
public record ZoneChange(ZoneId before, ZoneId after, Instant at) {

    /**
     * Exclusive lower bound of the due times that count in the new time zone: the time that clocks showed before the change,
     * read in the new time zone if that is earlier, but not before the last due time in the old one.
     */
    public Instant handledUntil(CronExpression cron) {
        var shown = at.atZone(before).toLocalDateTime().atZone(after).toInstant();
        var last = cron.previous(at, before).orElse(Instant.MIN);
        var skippedFrom = last.isAfter(shown) ? last : shown;
        return skippedFrom.isBefore(at) ? skippedFrom : at;
    }
}
