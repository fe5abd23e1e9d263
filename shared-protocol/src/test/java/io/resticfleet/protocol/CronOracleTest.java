package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All due times of a year, in zones with every kind of clock change, compared with an oracle that checks each minute of
 * the year and shares no code with {@link CronExpression}.
 */
class CronOracleTest {

    /** The meaning of an expression, written in Java. */
    private record Meaning(
            String cron, boolean everyRealHour, IntPredicate minute, IntPredicate hour, Predicate<LocalDate> day) {}

    private record Where(ZoneId zone, int year) {}

    private static final List<Meaning> MEANINGS = List.of(
            new Meaning("30 2 * * *", false, m -> m == 30, h -> h == 2, day -> true),
            new Meaning(
                    "*/20 1-2 * feb-apr,oct-nov *",
                    false,
                    m -> m % 20 == 0,
                    h -> h == 1 || h == 2,
                    day -> List.of(2, 3, 4, 10, 11).contains(day.getMonthValue())),
            new Meaning("0 0 * * *", false, m -> m == 0, h -> h == 0, day -> true),
            new Meaning(
                    "45 1 * * sun", false, m -> m == 45, h -> h == 1, day -> day.getDayOfWeek() == DayOfWeek.SUNDAY),
            new Meaning(
                    "15 2,3 13 * fri",
                    false,
                    m -> m == 15,
                    h -> h == 2 || h == 3,
                    day -> day.getDayOfMonth() == 13 || day.getDayOfWeek() == DayOfWeek.FRIDAY),
            new Meaning(
                    "5 0 L * *", false, m -> m == 5, h -> h == 0, day -> day.getDayOfMonth() == day.lengthOfMonth()),
            new Meaning(
                    "0 23-1 * mar-apr,10-11 *",
                    false,
                    m -> m == 0,
                    h -> h == 23 || h <= 1,
                    day -> List.of(3, 4, 10, 11).contains(day.getMonthValue())),
            new Meaning("0 * * * *", true, m -> m == 0, h -> true, day -> true),
            new Meaning("10-50/20 */2 * * *", true, m -> m == 10 || m == 30 || m == 50, h -> h % 2 == 0, day -> true),
            new Meaning(
                    "30 */3 */2 * sun",
                    true,
                    m -> m == 30,
                    h -> h % 3 == 0,
                    day -> day.getDayOfMonth() % 2 == 1 && day.getDayOfWeek() == DayOfWeek.SUNDAY));

    private static final List<Where> WHERE = List.of(
            new Where(ZoneId.of("Europe/Berlin"), 2026),
            new Where(ZoneId.of("America/New_York"), 2026),
            new Where(ZoneId.of("Australia/Lord_Howe"), 2026), // changes by half an hour
            new Where(ZoneId.of("Antarctica/Troll"), 2026), // changes by two hours
            new Where(ZoneId.of("America/Sao_Paulo"), 2018), // changes at midnight
            new Where(ZoneId.of("Asia/Kathmandu"), 2026)); // never changes; 45 minutes off the hour

    static Stream<Arguments> cases() {
        return MEANINGS.stream()
                .flatMap(meaning -> WHERE.stream().map(where -> Arguments.of(meaning.cron, where, meaning)));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("cases")
    void the_due_times_of_a_year_are_the_minutes_that_match(String cron, Where where, Meaning meaning) {
        var start = LocalDate.of(where.year, 1, 1).atStartOfDay(where.zone).toInstant();
        var end = LocalDate.of(where.year + 1, 1, 1).atStartOfDay(where.zone).toInstant();

        var due = DueTimes.of(
                CronExpression.parse(cron), start.minusMillis(1), end.minusMillis(1), where.zone, 1_000_000);

        assertThat(due)
                .isEqualTo(
                        meaning.everyRealHour ? realMinutes(meaning, start, end, where) : wallMinutes(meaning, where));
    }

    private static List<Instant> realMinutes(Meaning meaning, Instant start, Instant end, Where where) {
        return Stream.iterate(start, at -> at.isBefore(end), at -> at.plus(1, ChronoUnit.MINUTES))
                .filter(at -> {
                    var wall = at.atZone(where.zone);
                    return meaning.minute.test(wall.getMinute())
                            && meaning.hour.test(wall.getHour())
                            && meaning.day.test(wall.toLocalDate());
                })
                .toList();
    }

    private static List<Instant> wallMinutes(Meaning meaning, Where where) {
        var due = new TreeSet<Instant>();
        for (var day = LocalDate.of(where.year, 1, 1); day.getYear() == where.year; day = day.plusDays(1)) {
            for (int minute = 0; minute < 24 * 60; minute++) {
                if (meaning.day.test(day) && meaning.hour.test(minute / 60) && meaning.minute.test(minute % 60)) {
                    due.add(firstInstantOf(day.atStartOfDay().plusMinutes(minute), where.zone));
                }
            }
        }
        return List.copyOf(due);
    }

    /** The first instant at which a clock in that zone shows this time; for a skipped time, the end of the gap. */
    private static Instant firstInstantOf(LocalDateTime wall, ZoneId zone) {
        var rules = zone.getRules();
        var offsets = rules.getValidOffsets(wall);
        return offsets.isEmpty()
                ? rules.getTransition(wall).getInstant()
                : offsets.stream().map(wall::toInstant).min(Instant::compareTo).orElseThrow();
    }
}
