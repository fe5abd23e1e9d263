package io.resticfleet.protocol;

import it.sauronsoftware.cron4j.SchedulingPattern;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.Optional;
import java.util.TimeZone;

/**
 * The minutes that a cron expression matches on a clock without time zone; {@link CronExpression} maps them to a zone.
 *
 * <p>{@link CronFields} proposes a minute and cron4j decides. cron4j receives the wall time as if it were UTC, since
 * {@link TimeZone}, which it would use, knows fewer future changes than {@link java.time.zone.ZoneRules}.
 *
 * <p>Immutable; safe for use by many threads.
 */
final class WallMinutes {

    private static final TimeZone UTC = TimeZone.getTimeZone("UTC");

    private final CronFields fields;
    private final SchedulingPattern minutes;
    private final SchedulingPattern days;
    /** Minutes since midnight. */
    private final BitSet timesOfDay = new BitSet();

    private final int timesPerDay;

    WallMinutes(CronFields fields) {
        this.fields = fields;
        this.minutes = new SchedulingPattern(fields.minutePattern());
        this.days = new SchedulingPattern(fields.dayPattern());
        fields.hours().forEach(hour -> fields.minutes().forEach(minute -> timesOfDay.set(hour * 60 + minute)));
        this.timesPerDay = timesOfDay.cardinality();
    }

    /** The first match in {@code (after, before)}. */
    Optional<LocalDateTime> next(LocalDateTime after, LocalDateTime before) {
        var earliest = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
        int from = minuteOfDay(earliest);
        for (var day = earliest.toLocalDate(); day.atStartOfDay().isBefore(before); day = dayAfter(day)) {
            if (matchesDay(day)) {
                for (int i = timesOfDay.nextSetBit(from); i >= 0; i = timesOfDay.nextSetBit(i + 1)) {
                    var candidate = day.atTime(i / 60, i % 60);
                    if (matches(minutes, candidate)) {
                        return Optional.of(candidate).filter(found -> found.isBefore(before));
                    }
                }
            }
            from = 0;
        }
        return Optional.empty();
    }

    /** The last match in {@code [from, until]}. */
    Optional<LocalDateTime> previous(LocalDateTime from, LocalDateTime until) {
        int latest = minuteOfDay(until);
        for (var day = until.toLocalDate(); !day.isBefore(from.toLocalDate()); day = dayBefore(day)) {
            if (matchesDay(day)) {
                for (int i = timesOfDay.previousSetBit(latest); i >= 0; i = timesOfDay.previousSetBit(i - 1)) {
                    var candidate = day.atTime(i / 60, i % 60);
                    if (matches(minutes, candidate)) {
                        return Optional.of(candidate).filter(found -> !found.isBefore(from));
                    }
                }
            }
            latest = minuteOfDay(LocalTime.MAX.atDate(day));
        }
        return Optional.empty();
    }

    /** The number of matches in {@code (after, until]}; 0 if {@code until} is not later. */
    long count(LocalDateTime after, LocalDateTime until) {
        var first = after.toLocalDate();
        var last = until.toLocalDate();
        long count = 0;
        for (var day = first; !day.isAfter(last); day = dayAfter(day)) {
            if (matchesDay(day)) {
                count += day.equals(first) || day.equals(last) ? count(day, after, until) : timesPerDay;
            }
        }
        return count;
    }

    private int count(LocalDate day, LocalDateTime after, LocalDateTime until) {
        int from = day.equals(after.toLocalDate()) ? minuteOfDay(after) + 1 : 0;
        int to = day.equals(until.toLocalDate()) ? minuteOfDay(until) + 1 : timesOfDay.length();
        return from < to ? timesOfDay.get(from, to).cardinality() : 0;
    }

    /** The next day, skipping months that do not match. */
    private LocalDate dayAfter(LocalDate day) {
        var next = day.plusDays(1);
        return fields.months().contains(next.getMonthValue())
                ? next
                : next.withDayOfMonth(1).plusMonths(1);
    }

    private LocalDate dayBefore(LocalDate day) {
        var previous = day.minusDays(1);
        return fields.months().contains(previous.getMonthValue())
                ? previous
                : previous.withDayOfMonth(1).minusDays(1);
    }

    private boolean matchesDay(LocalDate day) {
        return fields.everyDay() || matches(days, day.atStartOfDay());
    }

    private static boolean matches(SchedulingPattern pattern, LocalDateTime wall) {
        return pattern.match(UTC, wall.toInstant(ZoneOffset.UTC).toEpochMilli());
    }

    private static int minuteOfDay(LocalDateTime wall) {
        return wall.getHour() * 60 + wall.getMinute();
    }
}
