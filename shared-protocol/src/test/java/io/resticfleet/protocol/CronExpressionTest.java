package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronExpressionTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    /** Clocks change by 30 minutes. */
    private static final ZoneId LORD_HOWE = ZoneId.of("Australia/Lord_Howe");
    /** Skipped 30 December 2011. */
    private static final ZoneId APIA = ZoneId.of("Pacific/Apia");

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '"', textBlock = """
            * * * * *                  > 2026-03-04T05:07:00Z
            5 * * * *                  > 2026-03-04T06:05:00Z
            */15 * * * *               > 2026-03-04T05:15:00Z
            7-9 * * * *                > 2026-03-04T05:07:00Z
            10-30/10 * * * *           > 2026-03-04T05:10:00Z
            0,6,59 * * * *             > 2026-03-04T05:59:00Z
            */60 * * * *               > 2026-03-04T06:00:00Z
            05 05 * * *                > 2026-03-05T05:05:00Z
            30 2 * * *                 > 2026-03-05T02:30:00Z
            0 */6 * * *                > 2026-03-04T06:00:00Z
            0 22-4 * * *               > 2026-03-04T22:00:00Z
            0 0 1 * *                  > 2026-04-01T00:00:00Z
            0 0 31 * *                 > 2026-03-31T00:00:00Z
            0 0 29 2 *                 > 2028-02-29T00:00:00Z
            0 0 L * *                  > 2026-03-31T00:00:00Z
            0 0 l 2 *                  > 2027-02-28T00:00:00Z
            0 0 * feb *                > 2027-02-01T00:00:00Z
            0 0 1 JAN-mar *            > 2027-01-01T00:00:00Z
            0 0 1 nov-feb *            > 2026-11-01T00:00:00Z
            0 0 1 may *                > 2026-05-01T00:00:00Z
            0 0 1 December *           > 2026-12-01T00:00:00Z
            0 0 * * sun                > 2026-03-08T00:00:00Z
            0 0 * * 0                  > 2026-03-08T00:00:00Z
            0 0 * * 7                  > 2026-03-08T00:00:00Z
            0 0 * * Monday             > 2026-03-09T00:00:00Z
            0 0 * * THU,tuesday        > 2026-03-05T00:00:00Z
            @hourly                    > 2026-03-04T06:00:00Z
            @daily                     > 2026-03-05T00:00:00Z
            @midnight                  > 2026-03-05T00:00:00Z
            @weekly                    > 2026-03-08T00:00:00Z
            @monthly                   > 2026-04-01T00:00:00Z
            @yearly                    > 2027-01-01T00:00:00Z
            @annually                  > 2027-01-01T00:00:00Z
            @Daily                     > 2026-03-05T00:00:00Z
            """)
    void is_next_due_as_in_crontab(String cron, Instant next) {
        assertThat(CronExpression.parse(cron).next(Instant.parse("2026-03-04T05:06:07Z"), ZoneOffset.UTC))
                .contains(next);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '"', textBlock = """
            0 0 * * 0-7                > 1 2 3 4 5 6 7
            0 0 * * 1-7                > 1 2 3 4 5 6 7
            0 0 * * *                  > 1 2 3 4 5 6 7
            0 0 * * 1-5                > 2 3 4 5 6
            0 0 * * 5-7                > 1 6 7
            0 0 * * fri-sun            > 1 6 7
            0 0 * * friday-7           > 1 6 7
            0 0 * * sat-mon            > 1 2 7
            0 0 * * 7-2                > 1 2 3
            0 0 * * sun-tue            > 1 2 3
            0 0 * * 0-0                > 1
            0 0 * * sun-sun            > 1
            0 0 * * 7-7                > 1
            0 0 * * 7-0                > 1
            0 0 * * 0,7                > 1
            0 0 * * */2                > 1 3 5 7
            0 0 * * 1-7/2              > 1 2 4 6
            0 0 * * fri-mon/2          > 1 6
            0 0 * * */7                > 1
            """)
    void days_of_the_week_match(String cron, String daysOfMarch) {
        // 1 March 2026 was a Sunday.
        assertThat(daysDue(cron, YearMonth.of(2026, 3)))
                .filteredOn(day -> day <= 7)
                .containsExactlyElementsOf(numbers(daysOfMarch));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '"', textBlock = """
            0 0 13 * fri               > 6 13 20 27
            0 0 1,15 * wed             > 1 4 11 15 18 25
            0 0 L * mon                > 2 9 16 23 30 31
            0 0 1-31 * fri             > 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            """)
    void if_both_day_fields_are_restricted_either_matches(String cron, String daysOfMarch) {
        assertThat(daysDue(cron, YearMonth.of(2026, 3))).containsExactlyElementsOf(numbers(daysOfMarch));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '"', textBlock = """
            0 0 */2 * sun              > 1 15 29
            0 0 1-7 * */7              > 1
            0 0 13 * *                 > 13
            0 0 * * fri                > 6 13 20 27
            """)
    void if_a_day_field_starts_with_a_star_both_must_match(String cron, String daysOfMarch) {
        assertThat(daysDue(cron, YearMonth.of(2026, 3))).containsExactlyElementsOf(numbers(daysOfMarch));
    }

    @Test
    void the_last_day_of_february_is_the_29th_in_leap_years() {
        assertThat(daysDue("0 0 L * *", YearMonth.of(2027, 2))).containsExactly(28);
        assertThat(daysDue("0 0 L * *", YearMonth.of(2028, 2))).containsExactly(29);
        assertThat(daysDue("0 0 L * *", YearMonth.of(2100, 2))).containsExactly(28);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '"', textBlock = """
            /5 * * * *                 > the minute field '/5' is wrong: a step needs a range before it, such as */5
            5/15 * * * *               > the minute field '5/15' is wrong: a step needs a range before it, such as */15
            5- * * * *                 > the minute field '5-' is wrong: '' is not 0 to 59
            -5 * * * *                 > the minute field '-5' is wrong: '' is not 0 to 59
            1-2-3 * * * *              > the minute field '1-2-3' is wrong: it has too many / or -
            */5/5 * * * *              > the minute field '*/5/5' is wrong: it has too many / or -
            1,,2 * * * *               > the minute field '1,,2' is wrong: an item of the list is empty
            ,1 * * * *                 > the minute field ',1' is wrong: an item of the list is empty
            1, * * * *                 > the minute field '1,' is wrong: an item of the list is empty
            */ * * * *                 > the minute field '*/' is wrong: the step after / must be 1 to 60
            */0 * * * *                > the minute field '*/0' is wrong: the step after / must be 1 to 60
            */99 * * * *               > the minute field '*/99' is wrong: the step after / must be 1 to 60
            */-1 * * * *               > the minute field '*/-1' is wrong: the step after / must be 1 to 60
            1-5/6 * * * *              > the minute field '1-5/6' is wrong: the step after / must be 1 to 5
            +5 * * * *                 > the minute field '+5' is wrong: '+5' is not 0 to 59
            ٥ * * * *                  > the minute field '٥' is wrong: '٥' is not 0 to 59
            ５ * * * *                  > the minute field '５' is wrong: '５' is not 0 to 59
            007 * * * *                > the minute field '007' is wrong: '007' is not 0 to 59
            60 * * * *                 > the minute field '60' is wrong: '60' is not 0 to 59
            1.5 * * * *                > the minute field '1.5' is wrong: '1.5' is not 0 to 59
            ** * * * *                 > the minute field '**' is wrong: '**' is not 0 to 59
            *-5 * * * *                > the minute field '*-5' is wrong: '*' is not 0 to 59
            5~10 * * * *               > the minute field '5~10' is wrong: '5~10' is not 0 to 59
            H * * * *                  > the minute field 'H' is wrong: 'H' is not 0 to 59
            0|30 * * * *               > the minute field '0|30' is wrong: '0|30' is not 0 to 59
            | * * * *                  > the minute field '|' is wrong: '|' is not 0 to 59
            * 24 * * *                 > the hour field '24' is wrong: '24' is not 0 to 23
            * * 0 * *                  > the day of month field '0' is wrong: '0' is not 1 to 31
            * * 32 * *                 > the day of month field '32' is wrong: '32' is not 1 to 31
            * * ? * *                  > the day of month field '?' is wrong: '?' is not 1 to 31
            * * L-3 * *                > the day of month field 'L-3' is wrong: 'L' is not 1 to 31
            * * 1,L * *                > the day of month field 'L' is wrong: 'L' is not 1 to 31
            * * LW * *                 > the day of month field 'LW' is wrong: 'LW' is not 1 to 31
            * * 15W * *                > the day of month field '15W' is wrong: '15W' is not 1 to 31
            * * mon * *                > the day of month field 'mon' is wrong: 'mon' is not 1 to 31
            * * * 0 *                  > the month field '0' is wrong: '0' is not 1 to 12 or a name such as jan
            * * * 13 *                 > the month field '13' is wrong: '13' is not 1 to 12 or a name such as jan
            * * * janu *               > the month field 'janu' is wrong: 'janu' is not 1 to 12 or a name such as jan
            * * * * 8                  > the day of week field '8' is wrong: '8' is not 0 to 7 or a name such as sun
            * * * * L                  > the day of week field 'L' is wrong: 'L' is not 0 to 7 or a name such as sun
            * * * * 5L                 > the day of week field '5L' is wrong: '5L' is not 0 to 7 or a name such as sun
            * * * * mon#2              > the day of week field 'mon#2' is wrong: 'mon#2' is not 0 to 7 or a name such as sun
            * * * * montag             > the day of week field 'montag' is wrong: 'montag' is not 0 to 7 or a name such as sun
            @reboot                    > '@reboot' is not known; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly or five fields
            @                          > '@' is not known; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly or five fields
            * * * *                    > a cron expression has five fields (minute, hour, day of month, month, day of week) but '* * * *' has 4
            0 * * * * *                > a cron expression has five fields (minute, hour, day of month, month, day of week) but '0 * * * * *' has 6
            """)
    void an_invalid_field_is_refused_with_the_reason(String cron, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CronExpression.parse(cron))
                .withMessage(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\n", "0 0\n* * *", "0 0 * *\u00a0*", "0 0 * * *|5 5 * * *", "0 0 * * * # x"})
    void other_than_five_fields_are_refused(String cron) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CronExpression.parse(cron))
                .withMessageContaining("five fields");
    }

    @Test
    void an_expression_that_is_too_long_is_refused() {
        var cron = "0,".repeat(200) + "0 * * * *";

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CronExpression.parse(cron))
                .withMessage("a cron expression has at most 256 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 feb */2", "* * 30-31 2 *"})
    void an_expression_that_is_never_due_is_refused_quickly(String cron) {
        assertTimeout(
                Duration.ofSeconds(2),
                () -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> CronExpression.parse(cron))
                        .withMessage("'" + cron + "' never comes due"));
    }

    @Test
    void a_leap_day_is_found_across_eight_years_without_one() {
        assertThat(CronExpression.parse("0 0 29 2 *").next(Instant.parse("2096-03-01T00:00:00Z"), ZoneOffset.UTC))
                .contains(Instant.parse("2104-02-29T00:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource({
        // zone, cron, day, due on that day
        "Europe/Berlin,       30 2 * * *, 2026-03-29, 2026-03-29T01:00:00Z",
        "Europe/Berlin,       0 2 * * *,  2026-03-29, 2026-03-29T01:00:00Z",
        "Europe/Berlin,       0 3 * * *,  2026-03-29, 2026-03-29T01:00:00Z",
        "America/New_York,    30 2 * * *, 2026-03-08, 2026-03-08T07:00:00Z",
        "Australia/Lord_Howe, 15 2 * * *, 2026-10-04, 2026-10-03T15:30:00Z",
    })
    void a_skipped_time_is_due_right_after_the_gap(String zone, String cron, LocalDate day, Instant due) {
        assertThat(dueOn(day, cron, ZoneId.of(zone))).containsExactly(due);
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin,       30 2 * * *, 2026-10-25, 2026-10-25T00:30:00Z",
        "America/New_York,    30 1 * * *, 2026-11-01, 2026-11-01T05:30:00Z",
        "Australia/Lord_Howe, 45 1 * * *, 2026-04-05, 2026-04-04T14:45:00Z",
    })
    void a_repeated_time_is_due_the_first_time_only(String zone, String cron, LocalDate day, Instant due) {
        assertThat(dueOn(day, cron, ZoneId.of(zone))).containsExactly(due);
    }

    @Test
    void several_times_in_one_gap_are_due_once() {
        assertThat(dueOn(LocalDate.of(2026, 3, 29), "*/20 2 * * *", BERLIN))
                .containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
    }

    @Test
    void each_real_hour_counts_if_the_hour_is_a_star() {
        assertThat(dueOn(LocalDate.of(2026, 3, 29), "0 * * * *", BERLIN)).hasSize(23);
        assertThat(dueOn(LocalDate.of(2026, 10, 25), "0 * * * *", BERLIN)).hasSize(25);
        assertThat(dueOn(LocalDate.of(2026, 3, 8), "@hourly", NEW_YORK)).hasSize(23);
        assertThat(dueOn(LocalDate.of(2026, 11, 1), "@hourly", NEW_YORK)).hasSize(25);
        assertThat(dueOn(LocalDate.of(2026, 10, 4), "*/30 * * * *", LORD_HOWE)).hasSize(47);
        assertThat(dueOn(LocalDate.of(2026, 4, 5), "*/30 * * * *", LORD_HOWE)).hasSize(49);
    }

    @Test
    void a_time_on_a_skipped_day_is_due_when_the_next_day_starts() {
        var due = DueTimes.of(
                CronExpression.parse("0 12 * * *"),
                Instant.parse("2011-12-29T00:00:00Z"),
                Instant.parse("2012-01-01T00:00:00Z"),
                APIA,
                10);

        assertThat(due)
                .containsExactly(
                        Instant.parse("2011-12-29T22:00:00Z"),
                        Instant.parse("2011-12-30T10:00:00Z"),
                        Instant.parse("2011-12-30T22:00:00Z"),
                        Instant.parse("2011-12-31T22:00:00Z"));
    }

    @Test
    void the_range_of_due_times_excludes_its_start_and_includes_its_end() {
        var daily = CronExpression.parse("0 9 * * *");

        var due = DueTimes.of(
                daily,
                Instant.parse("2026-05-01T09:00:00Z"),
                Instant.parse("2026-05-03T09:00:00Z"),
                ZoneOffset.UTC,
                100);

        assertThat(due).containsExactly(Instant.parse("2026-05-02T09:00:00Z"), Instant.parse("2026-05-03T09:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource({
        // zone, cron, at or before, last due
        "UTC,           0 9 * * *,   2026-05-02T09:00:00Z,     2026-05-02T09:00:00Z",
        "UTC,           0 9 * * *,   2026-05-02T08:59:59.999Z, 2026-05-01T09:00:00Z",
        "UTC,           0 0 29 2 *,  2104-02-28T23:59:00Z,     2096-02-29T00:00:00Z",
        "Europe/Berlin, 30 2 * * *,  2026-03-29T01:00:00Z,     2026-03-29T01:00:00Z",
        "Europe/Berlin, 30 2 * * *,  2026-03-29T00:59:59Z,     2026-03-28T01:30:00Z",
        "Europe/Berlin, 30 2 * * *,  2026-10-25T01:15:00Z,     2026-10-25T00:30:00Z",
        "Europe/Berlin, 30 * * * *,  2026-10-25T01:45:00Z,     2026-10-25T01:30:00Z",
        "Europe/Berlin, 30 * * * *,  2026-10-25T01:15:00Z,     2026-10-25T00:30:00Z",
        "Europe/Berlin, 0 */2 * * *, 2026-03-29T01:59:00Z,     2026-03-28T23:00:00Z",
    })
    void finds_the_previous_due_time(String zone, String cron, Instant atOrBefore, Instant due) {
        assertThat(CronExpression.parse(cron).previous(atOrBefore, ZoneId.of(zone)))
                .contains(due);
    }

    @ParameterizedTest
    @CsvSource({
        "* * * * *,     5260320", // 3653 days of 1440 minutes
        "* 0-23 * * *,  5259720", // ten skipped hours are due with the minute after them, repeated ones once
        "30 2 * * *,    3653",
        "0 0 29 2 *,    2",
    })
    void counts_the_due_times_of_ten_years(String cron, long count) {
        assertThat(CronExpression.parse(cron)
                        .count(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2036-01-02T00:00:00Z"), BERLIN))
                .isEqualTo(count);
    }

    @Test
    void a_due_time_once_in_forty_years_is_found() {
        var leapSundays = CronExpression.parse("0 0 29 2 */7");

        assertThat(leapSundays.next(Instant.parse("2088-03-01T00:00:00Z"), ZoneOffset.UTC))
                .contains(Instant.parse("2128-02-29T00:00:00Z"));
        assertThat(leapSundays.previous(Instant.parse("2128-02-28T00:00:00Z"), ZoneOffset.UTC))
                .contains(Instant.parse("2088-02-29T00:00:00Z"));
    }

    @Test
    void the_far_future_follows_the_same_rules_as_the_near_one() {
        // Casablanca's clocks follow Ramadan, which java.util.TimeZone knows only up to 2037.
        var zone = ZoneId.of("Africa/Casablanca");

        assertThat(CronExpression.parse("0 */12 * * *").next(Instant.parse("2040-10-10T00:30:00Z"), zone))
                .contains(Instant.parse("2040-10-10T12:00:00Z"));
    }

    @Test
    void lists_the_values_that_each_field_matches() {
        assertThat(CronExpression.parse("10-30/10 22-1,3 31,1 nov-feb fri-sun,*/7")
                        .fields())
                .isEqualTo(new CronFields(
                        List.of(10, 20, 30),
                        List.of(0, 1, 3, 22, 23),
                        List.of(1, 31),
                        List.of(1, 2, 11, 12),
                        List.of(0, 5, 6),
                        false,
                        true));
        assertThat(CronExpression.parse("59 */12 L 1 *").fields())
                .isEqualTo(new CronFields(
                        List.of(59), List.of(0, 12), List.of(), List.of(1), List.of(0, 1, 2, 3, 4, 5, 6), true, false));
    }

    @Test
    void different_notations_have_the_same_fields() {
        assertThat(CronExpression.parse("@weekly").fields())
                .isEqualTo(CronExpression.parse("00 0 * * Sunday").fields())
                .isEqualTo(CronExpression.parse("*/60 0-0 * jan-dec 7").fields())
                .isNotEqualTo(CronExpression.parse("0 0 1-31 * 7").fields())
                .isNotEqualTo(CronExpression.parse("0 */24 * * 7").fields());
    }

    @Test
    void keeps_its_original_text() {
        assertThat(CronExpression.parse("@daily")).hasToString("@daily").isEqualTo(CronExpression.parse("@daily"));
    }

    private static List<Instant> dueOn(LocalDate day, String cron, ZoneId zone) {
        return DueTimes.of(
                CronExpression.parse(cron),
                day.atStartOfDay(zone).toInstant().minusMillis(1),
                day.plusDays(1).atStartOfDay(zone).toInstant().minusMillis(1),
                zone,
                10_000);
    }

    private static List<Integer> daysDue(String cron, YearMonth month) {
        var start = month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        var end = month.plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return DueTimes.of(CronExpression.parse(cron), start.minusMillis(1), end.minusMillis(1), ZoneOffset.UTC, 100)
                .stream()
                .map(due -> due.atZone(ZoneOffset.UTC).getDayOfMonth())
                .toList();
    }

    private static List<Integer> numbers(String text) {
        return List.of(text.split(" ")).stream().map(Integer::valueOf).toList();
    }
}
