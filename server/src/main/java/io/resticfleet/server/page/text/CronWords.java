package io.resticfleet.server.page.text;

import io.resticfleet.protocol.CronExpression;

/**
 * When a cron expression is due, in words: {@code Monday to Friday at 02:30}.
 *
 * <p>Made from what was understood, not from what was written. Two expressions have the same words only if they have the
 * same {@link CronExpression#fields}.
 */
public final class CronWords {

    private CronWords() {}

    /** Begins with a small letter, unless with a name; ends without a full stop. */
    public static String of(CronExpression cron) {
        var fields = cron.fields();
        var days = DayWords.of(fields);
        boolean everyDay = days.equals(DayWords.EVERY_DAY);
        var times = TimeWords.of(fields, everyDay);
        if (!times.startsWith("every ")) {
            return days + " " + times;
        }
        return everyDay && fields.hourIsStar() ? times : days + ", " + times;
    }
}
