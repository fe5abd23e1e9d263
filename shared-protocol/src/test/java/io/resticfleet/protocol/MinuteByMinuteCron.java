package io.resticfleet.protocol;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An oracle for the due times of a cron expression, written from crontab(5) and the rule for clock changes: it checks
 * each minute of each day, and how often the zone's clock shows it; too slow for anything but tests. It shares no code
 * with {@link CronExpression} and {@link CronFields}.
 *
 * <p>It reads valid expressions only; invalid ones are tested by {@link CronExpressionTest}.
 */
final class MinuteByMinuteCron {

    /** The largest clock change ever was one day. */
    private static final int DAYS_OUT_OF_ORDER = 2;

    private static final int DAYS_TO_SEARCH = 41 * 366;

    private static final Map<String, String> MACROS = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    private final boolean[] minutes = new boolean[60];
    private final boolean[] hours = new boolean[24];
    private final boolean[] daysOfMonth = new boolean[32];
    private final boolean[] months = new boolean[13];
    /** 0 and 7 are both Sunday. */
    private final boolean[] daysOfWeek = new boolean[8];

    private final boolean lastDayOfMonth;
    private final boolean anyHour;
    private final boolean eitherDay;

    MinuteByMinuteCron(String text) {
        var five = MACROS.getOrDefault(text.toLowerCase(Locale.ROOT), text).split(" ");
        lastDayOfMonth = five[2].equalsIgnoreCase("L");
        anyHour = five[1].charAt(0) == '*';
        eitherDay = five[2].charAt(0) != '*' && five[4].charAt(0) != '*';
        read(five[0], 0, 59, minutes);
        read(five[1], 0, 23, hours);
        if (!lastDayOfMonth) {
            read(five[2], 1, 31, daysOfMonth);
        }
        read(five[3], 1, 12, months);
        read(five[4], 0, 7, daysOfWeek);
        daysOfWeek[0] = daysOfWeek[7] = daysOfWeek[0] || daysOfWeek[7];
    }

    private static void read(String field, int low, int high, boolean[] matched) {
        for (var item : field.split(",")) {
            var rangeAndStep = item.split("/");
            var ends = rangeAndStep[0].split("-");
            boolean star = ends[0].equals("*");
            int last = star ? (high == 7 ? 6 : high) : number(ends[ends.length - 1]);
            int step = rangeAndStep.length == 1 ? 1 : Integer.parseInt(rangeAndStep[1]);
            int value = star ? low : number(ends[0]);
            for (int i = 0; ; i++) {
                if (i % step == 0) {
                    matched[value] = true;
                }
                if (value == last || high == 7 && value == 7 && last == 0) {
                    break;
                }
                // After day 7 of the week comes Monday (1); other ranges wrap to the lowest value.
                value = value < high ? value + 1 : high == 7 ? 1 : low;
            }
        }
    }

    private static int number(String text) {
        if (Character.isDigit(text.charAt(0))) {
            return Integer.parseInt(text);
        }
        return switch (text.toLowerCase(Locale.ROOT).substring(0, 3)) {
            case "sun" -> 0;
            case "mon", "jan" -> 1;
            case "tue", "feb" -> 2;
            case "wed", "mar" -> 3;
            case "thu", "apr" -> 4;
            case "fri", "may" -> 5;
            case "sat", "jun" -> 6;
            case "jul" -> 7;
            case "aug" -> 8;
            case "sep" -> 9;
            case "oct" -> 10;
            case "nov" -> 11;
            case "dec" -> 12;
            default -> throw new IllegalArgumentException(text);
        };
    }

    boolean everMatches() {
        var start = LocalDate.of(2024, 1, 1);
        return start.datesUntil(start.plusDays(DAYS_TO_SEARCH)).anyMatch(this::matches);
    }

    Optional<Instant> next(Instant after, ZoneId zone) {
        var start = LocalDate.ofInstant(after, zone).minusDays(DAYS_OUT_OF_ORDER);
        for (int i = 0; i < DAYS_TO_SEARCH; i++) {
            var later = due(start.plusDays(i), start.plusDays(i), zone).tailSet(after.plusNanos(1));
            if (!later.isEmpty()) {
                var near = due(start.plusDays(i), start.plusDays(i + DAYS_OUT_OF_ORDER), zone);
                return Optional.of(near.tailSet(after.plusNanos(1)).first());
            }
        }
        return Optional.empty();
    }

    Optional<Instant> previous(Instant until, ZoneId zone) {
        var start = LocalDate.ofInstant(until, zone).plusDays(DAYS_OUT_OF_ORDER);
        for (int i = 0; i < DAYS_TO_SEARCH; i++) {
            var earlier = due(start.minusDays(i), start.minusDays(i), zone).headSet(until.plusNanos(1));
            if (!earlier.isEmpty()) {
                var near = due(start.minusDays(i + DAYS_OUT_OF_ORDER), start.minusDays(i), zone);
                return Optional.of(near.headSet(until.plusNanos(1)).last());
            }
        }
        return Optional.empty();
    }

    /** In {@code (after, until]}, oldest first. */
    List<Instant> between(Instant after, Instant until, ZoneId zone) {
        var first = LocalDate.ofInstant(after, zone).minusDays(DAYS_OUT_OF_ORDER);
        var last = LocalDate.ofInstant(until, zone).plusDays(DAYS_OUT_OF_ORDER);
        return List.copyOf(due(first, last, zone).subSet(after.plusNanos(1), until.plusNanos(1)));
    }

    private SortedSet<Instant> due(LocalDate first, LocalDate last, ZoneId zone) {
        var due = new TreeSet<Instant>();
        for (var day = first; !day.isAfter(last); day = day.plusDays(1)) {
            if (matches(day)) {
                for (int minute = 0; minute < 24 * 60; minute++) {
                    if (hours[minute / 60] && minutes[minute % 60]) {
                        add(day.atTime(minute / 60, minute % 60), zone, due);
                    }
                }
            }
        }
        return due;
    }

    private boolean matches(LocalDate day) {
        boolean dayOfMonth = lastDayOfMonth ? day.plusDays(1).getDayOfMonth() == 1 : daysOfMonth[day.getDayOfMonth()];
        boolean dayOfWeek = daysOfWeek[day.getDayOfWeek().getValue()];
        return months[day.getMonthValue()] && (eitherDay ? dayOfMonth || dayOfWeek : dayOfMonth && dayOfWeek);
    }

    private void add(LocalDateTime wall, ZoneId zone, SortedSet<Instant> due) {
        var rules = zone.getRules();
        var offsets = rules.getValidOffsets(wall);
        if (anyHour) {
            for (ZoneOffset offset : offsets) {
                due.add(wall.toInstant(offset));
            }
        } else if (offsets.isEmpty()) {
            due.add(rules.getTransition(wall).getInstant());
        } else {
            due.add(offsets.stream()
                    .map(wall::toInstant)
                    .min(Instant::compareTo)
                    .orElseThrow());
        }
    }
}
