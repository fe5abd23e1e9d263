package io.resticfleet.server.page.text;

import static java.time.format.TextStyle.FULL;
import static java.util.Locale.ENGLISH;

import io.resticfleet.protocol.CronFields;
import java.time.DayOfWeek;
import java.time.Month;
import java.util.List;

/** The days of a cron expression in words. */
final class DayWords {

    /** The words when no field restricts the days. */
    static final String EVERY_DAY = "every day";

    private final List<Integer> dates;
    private final List<Integer> weekdays;
    private final List<Integer> months;

    private DayWords(CronFields fields) {
        this.dates = fields.daysOfMonth();
        this.weekdays = fields.daysOfWeek();
        this.months = fields.months();
    }

    static String of(CronFields fields) {
        var words = new DayWords(fields);
        return fields.eitherDay() ? words.eitherDay() : words.bothDays();
    }

    private String eitherDay() {
        return (isAnyMonth() ? "on " : inMonths() + " on ")
                + theDates()
                + (isAnyMonth() ? " of every month" : " of the month")
                + existenceNote()
                + " and "
                + (isAnyWeekday() ? "every day of the week" : "every " + weekdayNames());
    }

    private String bothDays() {
        if (isAnyWeekday() && !isAnyDate()) {
            return months.size() == 1 ? yearly() : "on " + theDates() + ofMonths() + existenceNote();
        }
        return days() + (isAnyMonth() ? "" : " " + inMonths());
    }

    private String days() {
        if (!isAnyDate()) {
            return "every " + weekdayNames() + " that falls on the "
                    + (isLastDay() ? "last day" : English.or(dateRanges()))
                    + " of the month";
        }
        if (isAnyWeekday()) {
            return EVERY_DAY;
        }
        return weekdays.size() == 1 ? "every " + weekdayNames() : weekdayNames();
    }

    private String yearly() {
        if (months.get(0) == Month.FEBRUARY.getValue() && dates.equals(List.of(29))) {
            return "in leap years on 29 February";
        }
        if (isLastDay() || ValueRange.isStepped(dates)) {
            return "every year on " + theDates() + ofMonths() + existenceNote();
        }
        return "every year on " + English.and(ValueRange.words(ValueRange.of(dates), String::valueOf)) + " "
                + monthNames() + existenceNote();
    }

    private String theDates() {
        if (isLastDay()) {
            return "the last day";
        }
        if (isAnyDate()) {
            return EVERY_DAY;
        }
        return ValueRange.isStepped(dates)
                ? "every " + English.ordinal(ValueRange.step(dates).orElseThrow()) + " day from the "
                        + English.ordinal(dates.get(0)) + " to the " + English.ordinal(dates.get(dates.size() - 1))
                : "the " + English.and(dateRanges());
    }

    private List<String> dateRanges() {
        return ValueRange.words(ValueRange.of(dates), English::ordinal);
    }

    /** A note if a date does not exist in every month, or if a range ends after the last day of every month. */
    private String existenceNote() {
        if (isLastDay() || isAnyDate()) {
            return "";
        }
        int last = dates.get(dates.size() - 1);
        boolean isInNone = months.stream().allMatch(month -> Month.of(month).maxLength() < last);
        boolean isNotInAll = !ValueRange.isStepped(dates)
                && !ValueRange.of(dates).stream().allMatch(range -> range.isRange() || isInAllMonths(range.last()));
        return isInNone || isNotInAll ? " (where " + (dates.size() == 1 ? "it exists)" : "they exist)") : "";
    }

    private boolean isInAllMonths(int date) {
        return months.stream().allMatch(month -> date <= Month.of(month).minLength());
    }

    private boolean isAnyDate() {
        return dates.size() == 31;
    }

    private boolean isLastDay() {
        return dates.isEmpty();
    }

    private boolean isAnyWeekday() {
        return weekdays.size() == 7;
    }

    private boolean isAnyMonth() {
        return months.size() == 12;
    }

    /** Names in the order of a week that starts on Monday. */
    private String weekdayNames() {
        var fromMonday =
                weekdays.stream().map(day -> day == 0 ? 7 : day).sorted().toList();
        return English.and(ValueRange.words(
                ValueRange.around(fromMonday, 1, 7), day -> DayOfWeek.of(day).getDisplayName(FULL, ENGLISH)));
    }

    private String ofMonths() {
        if (isAnyMonth()) {
            return " of every month";
        }
        return monthRanges().stream().anyMatch(ValueRange::isRange)
                ? " of the month " + inMonths()
                : " of " + monthNames();
    }

    private String inMonths() {
        var ranges = monthRanges();
        return (ranges.size() == 1 && ranges.get(0).isRange() ? "from " : "in ") + monthNames();
    }

    private String monthNames() {
        return English.and(
                ValueRange.words(monthRanges(), month -> Month.of(month).getDisplayName(FULL, ENGLISH)));
    }

    private List<ValueRange> monthRanges() {
        return ValueRange.around(months, 1, 12);
    }
}
