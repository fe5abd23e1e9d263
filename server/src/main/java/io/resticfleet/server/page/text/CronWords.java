package io.resticfleet.server.page.text;

import io.resticfleet.protocol.CronExpression;

/**
 * A cron expression in words: {@code Monday to Friday at 02:30}.
 *
 * <p>Generated from the parsed fields, not from the text. Two expressions have the same words only if they have the same
 * {@link CronExpression#fields}.
 */
public final class CronWords {

    private CronWords() {}

    /** A phrase without a full stop; it starts in lower case, except with the name of a day or month. */
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
