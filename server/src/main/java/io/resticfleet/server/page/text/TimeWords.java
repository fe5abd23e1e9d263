package io.resticfleet.server.page.text;

import io.resticfleet.protocol.CronFields;
import java.util.List;
import java.util.Locale;

/**
 * The times of day of a cron expression, in words that begin with {@code at} or {@code every}.
 *
 * <p>If the hour field is a star, every hour that really passes counts when clocks change. Its words therefore differ from
 * those for the same hours written as a list: "every 6 hours", or "each time the clock shows them".
 */
final class TimeWords {

    private static final int MAX_RANGES = 3;

    private final List<Integer> minutes;
    private final List<Integer> hours;
    private final boolean hourIsStar;
    private final List<ValueRange> hourRanges;

    /** Minutes after midnight, ascending. */
    private final List<Integer> times;

    private TimeWords(CronFields fields, boolean everyDay) {
        this.minutes = fields.minutes();
        this.hours = fields.hours();
        this.hourIsStar = fields.hourIsStar();
        // "Monday from 22:00 to 04:50" would end on Tuesday; only if every day is the same may a range pass midnight.
        this.hourRanges = everyDay ? ValueRange.around(hours, 0, 23) : ValueRange.of(hours);
        this.times = hours.stream()
                .flatMap(hour -> minutes.stream().map(minute -> hour * 60 + minute))
                .toList();
    }

    /** @param everyDay whether the expression is due every day */
    static String of(CronFields fields, boolean everyDay) {
        return new TimeWords(fields, everyDay).words();
    }

    private String words() {
        if (!hourIsStar) {
            return timesOfDay();
        }
        if (hours.size() == 24) {
            return timesOfHour();
        }
        int hourStep = ValueRange.stepAround(hours, 24).orElse(24);
        if (minutes.size() == 1 && hourStep < 24) {
            return English.every(hourStep, "hour")
                    + (isShort() ? ", " + listed() : " around the clock, from " + time(times.get(0)));
        }
        return timesOfDay() + ", each time the clock shows " + (times.size() == 1 ? "it" : "them");
    }

    /** Words for an expression that is due in every hour of the day. */
    private String timesOfHour() {
        int step = ValueRange.stepAround(minutes, 60).orElse(0);
        if (minutes.get(0) == 0 && step > 0) {
            return step == 60 ? "every hour, on the hour" : English.every(step, "minute");
        }
        return minutes.size() == 1
                ? "every hour at " + English.count(minutes.get(0), "minute") + " past"
                : "every hour at " + numbers("minute", minutes, ValueRange.of(minutes));
    }

    private String timesOfDay() {
        if (isShort()) {
            return listed();
        }
        var step = ValueRange.step(times);
        if (step.isPresent()) {
            return every(step.getAsInt()) + " " + fromTo(times.get(0), times.get(times.size() - 1));
        }
        var minuteStep = ValueRange.stepAround(minutes, 60);
        if (minuteStep.isPresent() && canBeRanges()) {
            return every(minuteStep.getAsInt())
                    + " "
                    + English.and(hourRanges.stream().map(this::fromTo).toList());
        }
        return minutesOfHour() + " of " + numbers("hour", hours, hourRanges);
    }

    private String minutesOfHour() {
        int step = ValueRange.stepAround(minutes, 60).orElse(60);
        return minutes.get(0) == 0 && step < 60
                ? English.every(step, "minute")
                : "at " + numbers("minute", minutes, ValueRange.of(minutes));
    }

    private boolean isShort() {
        return times.size() <= ValueRange.MAX_LIST;
    }

    private String listed() {
        return "at " + English.and(times.stream().map(TimeWords::time).toList());
    }

    /** Whether each range of hours has at least two times, and there are few ranges. */
    private boolean canBeRanges() {
        return hourRanges.size() <= MAX_RANGES
                && (minutes.size() > 1 || hourRanges.stream().allMatch(range -> range.length() > 1));
    }

    private String fromTo(ValueRange range) {
        return fromTo(range.first() * 60 + minutes.get(0), range.last() * 60 + minutes.get(minutes.size() - 1));
    }

    private static String every(int minutes) {
        return minutes % 60 == 0 ? English.every(minutes / 60, "hour") : English.every(minutes, "minute");
    }

    private static String fromTo(int first, int last) {
        return "from " + time(first) + " to " + time(last);
    }

    private static String time(int minuteOfDay) {
        return String.format(Locale.ROOT, "%02d:%02d", minuteOfDay / 60, minuteOfDay % 60);
    }

    /** {@code hour 8}, {@code hours 8 to 12 and 14}, {@code every 2nd hour from 0 to 22}. */
    private static String numbers(String unit, List<Integer> values, List<ValueRange> ranges) {
        if (values.size() == 1) {
            return unit + " " + values.get(0);
        }
        if (ValueRange.isStepped(values)) {
            return "every " + English.ordinal(ValueRange.step(values).orElseThrow()) + " " + unit + " from "
                    + values.get(0) + " to " + values.get(values.size() - 1);
        }
        return unit + "s " + English.and(ValueRange.words(ranges, String::valueOf));
    }
}
