package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.text.CronWords;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/**
 * A cron expression explained, by the same parser that agents use.
 *
 * @param wrong why the expression is invalid; empty if it is valid
 * @param words such as {@code every day at 02:30}
 * @param zone time zone of the expression
 * @param next the next due times
 */
record SchedulePreview(String wrong, String words, ZoneId zone, List<Instant> next, Viewer viewer) {

    /** @param zone as typed; blank for the host's own */
    static SchedulePreview of(String cron, String zone, ZoneId hostZone, Viewer viewer) {
        try {
            var effectiveZone = zone.isBlank() ? hostZone : ZoneId.of(zone.strip());
            if (cron.isBlank()) {
                return new SchedulePreview("", "", effectiveZone, List.of(), viewer);
            }
            var expression = CronExpression.parse(cron);
            return new SchedulePreview(
                    "",
                    CronWords.of(expression),
                    effectiveZone,
                    ScheduleLines.next(expression, effectiveZone, viewer.now()),
                    viewer);
        } catch (DateTimeException e) {
            return new SchedulePreview("there is no time zone '" + zone.strip() + "'", "", hostZone, List.of(), viewer);
        } catch (IllegalArgumentException e) {
            return new SchedulePreview(e.getMessage(), "", hostZone, List.of(), viewer);
        }
    }
}
