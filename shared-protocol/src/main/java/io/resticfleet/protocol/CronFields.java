package io.resticfleet.protocol;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The five fields of a crontab line, parsed strictly: each is the list of all matching values, ascending.
 *
 * <p>cron4j accepts input that it misreads ({@code 0-7} is Sundays only, {@code 5/15} only 5, {@code 1,,2}, {@code +5}
 * …), and requires both day of month and day of week where crontab(5) accepts either. It therefore receives only
 * numbers, commas and {@code |}.
 *
 * @param minutes 0 to 59; at least one
 * @param hours 0 to 23; at least one
 * @param daysOfMonth 1 to 31; empty if and only if written {@code L}, the last day of the month
 * @param months 1 (January) to 12; at least one
 * @param daysOfWeek 0 (Sunday) to 6; at least one
 * @param hourIsStar whether the hour starts with {@code *}, so that each real hour counts when clocks change
 * @param eitherDay whether neither day field starts with {@code *}, so that one match is enough; otherwise both must
 * match
 */
public record CronFields(
        List<Integer> minutes,
        List<Integer> hours,
        List<Integer> daysOfMonth,
        List<Integer> months,
        List<Integer> daysOfWeek,
        boolean hourIsStar,
        boolean eitherDay) {

    private static final int MAX_LENGTH = 256;

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,2}");

    private static final Map<String, String> MACROS = Map.of(
            "@hourly", "0 * * * *",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@weekly", "0 0 * * 0",
            "@monthly", "0 0 1 * *",
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *");

    private static final List<String> MONTHS = List.of(
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december");

    private static final List<String> DAYS =
            List.of("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday");

    /** One field: its name for messages, its range, and the English names of its values, starting at {@code low}. */
    private record Field(String name, int low, int high, List<String> names) {

        private static final Field MINUTE = new Field("minute", 0, 59, List.of());
        private static final Field HOUR = new Field("hour", 0, 23, List.of());
        private static final Field DAY_OF_MONTH = new Field("day of month", 1, 31, List.of());
        private static final Field MONTH = new Field("month", 1, 12, MONTHS);
        /** 0 and 7 are both Sunday. */
        private static final Field DAY_OF_WEEK = new Field("day of week", 0, 7, DAYS);

        private int size() {
            return this == DAY_OF_WEEK ? 7 : high - low + 1;
        }
    }

    public CronFields {
        minutes = List.copyOf(minutes);
        hours = List.copyOf(hours);
        daysOfMonth = List.copyOf(daysOfMonth);
        months = List.copyOf(months);
        daysOfWeek = List.copyOf(daysOfWeek);
    }

    /** @throws IllegalArgumentException naming the wrong field and the reason */
    static CronFields parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a cron expression has at most " + MAX_LENGTH + " characters");
        }
        var trimmed = text.strip();
        var line = trimmed.startsWith("@") ? MACROS.get(trimmed.toLowerCase(Locale.ROOT)) : trimmed;
        if (line == null) {
            throw new IllegalArgumentException("'" + trimmed
                    + "' is not known; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly or five fields");
        }
        var parts = line.split("[ \t]+");
        if (parts.length != 5) {
            throw new IllegalArgumentException("a cron expression has five fields (minute, hour, day of month, month,"
                    + " day of week) but '" + line + "' has " + (line.isEmpty() ? 0 : parts.length));
        }
        boolean lastDay = parts[2].equalsIgnoreCase("L");
        return new CronFields(
                expand(Field.MINUTE, parts[0]),
                expand(Field.HOUR, parts[1]),
                lastDay ? List.of() : expand(Field.DAY_OF_MONTH, parts[2]),
                expand(Field.MONTH, parts[3]),
                expand(Field.DAY_OF_WEEK, parts[4]),
                parts[1].startsWith("*"),
                !parts[2].startsWith("*") && !parts[4].startsWith("*"));
    }

    /** Whether every day matches. */
    boolean everyDay() {
        return daysOfMonth.size() == Field.DAY_OF_MONTH.size()
                && months.size() == Field.MONTH.size()
                && daysOfWeek.size() == Field.DAY_OF_WEEK.size();
    }

    /** A cron4j pattern that matches each due minute. */
    String minutePattern() {
        return pattern(written(Field.MINUTE, minutes) + " " + written(Field.HOUR, hours));
    }

    /** A cron4j pattern that matches each minute of a day with due minutes. */
    String dayPattern() {
        return pattern("* *");
    }

    private String pattern(String time) {
        var dayOfMonth = daysOfMonth.isEmpty() ? "L" : written(Field.DAY_OF_MONTH, daysOfMonth);
        var month = written(Field.MONTH, months);
        var dayOfWeek = written(Field.DAY_OF_WEEK, daysOfWeek);
        return eitherDay
                ? "%s %s %s *|%s * %s %s".formatted(time, dayOfMonth, month, time, month, dayOfWeek)
                : "%s %s %s %s".formatted(time, dayOfMonth, month, dayOfWeek);
    }

    private static String written(Field field, List<Integer> values) {
        return values.size() == field.size()
                ? "*"
                : values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static List<Integer> expand(Field field, String text) {
        var values = new TreeSet<Integer>();
        for (var item : text.split(",", -1)) {
            if (item.isEmpty()) {
                throw wrong(field, text, "an item of the list is empty");
            }
            addItem(field, item, values);
        }
        return List.copyOf(values);
    }

    private static void addItem(Field field, String item, TreeSet<Integer> values) {
        var slash = item.split("/", -1);
        var range = slash[0].split("-", -1);
        boolean star = slash[0].equals("*");
        if (slash.length > 2 || range.length > 2) {
            throw wrong(field, item, "it has too many / or -");
        }
        if (slash.length == 2 && !star && range.length != 2) {
            throw wrong(field, item, "a step needs a range before it, such as */" + slash[1]);
        }
        int from = star ? field.low : value(field, item, range[0]);
        int to = star ? lastOf(field) : range.length == 2 ? value(field, item, range[1]) : from;
        if (field == Field.DAY_OF_WEEK && from > 0 && to == 0) {
            to = 7; // for fri-sun; sun-sun is one day
        }
        int length = to >= from ? to - from + 1 : field.size() - from + to + 1;
        int step = slash.length == 2 ? step(field, item, slash[1], length) : 1;
        int first = from;
        IntStream.iterate(0, offset -> offset < length, offset -> offset + step)
                .map(offset -> field.low + (first - field.low + offset) % field.size())
                .forEach(values::add);
    }

    private static int lastOf(Field field) {
        return field.low + field.size() - 1;
    }

    private static int step(Field field, String item, String text, int length) {
        if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) < 1 || Integer.parseInt(text) > length) {
            throw wrong(field, item, "the step after / must be 1 to " + length);
        }
        return Integer.parseInt(text);
    }

    private static int value(Field field, String item, String text) {
        for (int i = 0; i < field.names.size(); i++) {
            var name = field.names.get(i);
            if (name.equalsIgnoreCase(text) || name.substring(0, 3).equalsIgnoreCase(text)) {
                return field.low + i;
            }
        }
        if (!NUMBER.matcher(text).matches()
                || Integer.parseInt(text) < field.low
                || Integer.parseInt(text) > field.high) {
            throw wrong(
                    field,
                    item,
                    "'" + text + "' is not " + field.low + " to " + field.high
                            + (field.names.isEmpty()
                                    ? ""
                                    : " or a name such as " + field.names.get(0).substring(0, 3)));
        }
        return Integer.parseInt(text);
    }

    private static IllegalArgumentException wrong(Field field, String text, String why) {
        return new IllegalArgumentException("the " + field.name + " field '" + text + "' is wrong: " + why);
    }
}
