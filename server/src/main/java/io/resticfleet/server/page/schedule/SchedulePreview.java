package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.text.CronWords;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/**
 * What a cron expression means, by the parser that agents obey.
 *
 * @param wrong why it means nothing; empty if it does
 * @param words such as {@code every day at 02:30}
 * @param zone where its hours are counted
 * @param next times at which it is due
 */
record SchedulePreview(String wrong, String words, ZoneId zone, List<Instant> next, Viewer viewer) {

    /** @param zone typed; blank is the host's own */
    static SchedulePreview of(String cron, String zone, ZoneId hostZone, Viewer viewer) {
        try {
            var counted = zone.isBlank() ? hostZone : ZoneId.of(zone.strip());
            if (cron.isBlank()) {
                return new SchedulePreview("", "", counted, List.of(), viewer);
            }
            var expression = CronExpression.parse(cron);
            return new SchedulePreview(
                    "",
                    CronWords.of(expression),
                    counted,
                    ScheduleLines.next(expression, counted, viewer.now()),
                    viewer);
        } catch (DateTimeException e) {
            return new SchedulePreview("there is no time zone '" + zone.strip() + "'", "", hostZone, List.of(), viewer);
        } catch (IllegalArgumentException e) {
            return new SchedulePreview(e.getMessage(), "", hostZone, List.of(), viewer);
        }
    }
}
