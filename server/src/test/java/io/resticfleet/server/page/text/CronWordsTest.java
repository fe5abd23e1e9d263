package io.resticfleet.server.page.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.CronFields;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronWordsTest {

    private static final List<String> MINUTES = List.of(
            "0",
            "30",
            "59",
            "*",
            "*/15",
            "*/7",
            "*/2",
            "5-59/15",
            "0,30",
            "0-10",
            "10-20",
            "55-5",
            "*/20,5",
            "1,4,9,16,25,36,49");

    private static final List<String> HOURS = List.of(
            "0",
            "2",
            "*",
            "0-23",
            "*/2",
            "0-22/2",
            "1-23/2",
            "*/2,1",
            "*/5",
            "0,5,10,15,20",
            "*/6",
            "0,6,12,18",
            "*/12",
            "*/24",
            "0,2,4",
            "9-17",
            "22-4",
            "22,23",
            "8-12,14-18",
            "0,3,5-9,14");

    private static final List<String> DATES = List.of(
            "*", "1-31", "L", "1", "13", "29", "31", "1,15", "1-7", "1-7,15", "25-31", "*/2", "2-30/2", "*/7", "*/31");

    private static final List<String> MONTHS = List.of("*", "1", "2", "6-8", "nov-feb", "1,7", "1-3,7", "*/3", "1,12");

    private static final List<String> WEEKDAYS =
            List.of("*", "0-6", "sun", "1-5", "6,0", "*/2", "*/7", "sat-mon", "mon-wed,fri,sun", "0,1");

    private static final List<CronExpression> EXPRESSIONS = expressions();

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
            30 2 * * *                  > every day at 02:30
            05 05 * * *                 > every day at 05:05
            0 2,14 * * *                > every day at 02:00 and 14:00
            */30 9-11 * * *             > every day at 09:00, 09:30, 10:00, 10:30, 11:00 and 11:30
            0 * * * *                   > every hour, on the hour
            15 * * * *                  > every hour at 15 minutes past
            1 * * * *                   > every hour at 1 minute past
            * * * * *                   > every minute
            */15 * * * *                > every 15 minutes
            0,30 * * * *                > every 30 minutes
            5-59/15 * * * *             > every hour at minutes 5, 20, 35 and 50
            */7 * * * *                 > every hour at every 7th minute from 0 to 56
            1-59/2 * * * *              > every hour at every 2nd minute from 1 to 59
            0-10,30 * * * *             > every hour at minutes 0 to 10 and 30
            55-5 * * * *                > every hour at minutes 0 to 5 and 55 to 59
            */60 * * * *                > every hour, on the hour
            0 */6 * * *                 > every 6 hours, at 00:00, 06:00, 12:00 and 18:00
            30 */12 * * *               > every 12 hours, at 00:30 and 12:30
            30 */2 * * *                > every 2 hours around the clock, from 00:30
            0 */5 * * *                 > every day at 00:00, 05:00, 10:00, 15:00 and 20:00, each time the clock shows them
            0 */24 * * *                > every day at 00:00, each time the clock shows it
            */10 */2 * * *              > every 10 minutes of every 2nd hour from 0 to 22, each time the clock shows them
            0 0-23 * * *                > every day, every hour from 00:00 to 23:00
            * 0-23 * * *                > every day, every minute from 00:00 to 23:59
            */15 0-23 * * *             > every day, every 15 minutes from 00:00 to 23:45
            5,7 0-23 * * *              > every day at minutes 5 and 7 of hours 0 to 23
            0 0,6,12,18 * * *           > every day at 00:00, 06:00, 12:00 and 18:00
            0 0-23/2 * * *              > every day, every 2 hours from 00:00 to 22:00
            0 1-23/3 * * *              > every day, every 3 hours from 01:00 to 22:00
            0 9-17 * * *                > every day, every hour from 09:00 to 17:00
            0 22-4 * * *                > every day, every hour from 22:00 to 04:00
            */10 22-4 * * *             > every day, every 10 minutes from 22:00 to 04:50
            */10 22-4 * * 1             > every Monday, every 10 minutes from 00:00 to 04:50 and from 22:00 to 23:50
            0 22-4 * * 1                > every Monday, every hour from 00:00 to 04:00 and from 22:00 to 23:00
            * 2 * * *                   > every day, every minute from 02:00 to 02:59
            */5 9 * * *                 > every day, every 5 minutes from 09:00 to 09:55
            10-20 9 * * *               > every day, every minute from 09:10 to 09:20
            1,4,9,16,25,36,49 9 * * *   > every day at minutes 1, 4, 9, 16, 25, 36 and 49 of hour 9
            0,20 8-18 * * *             > every day at minutes 0 and 20 of hours 8 to 18
            0,20 22-4 * * *             > every day at minutes 0 and 20 of hours 22 to 4
            0,20 22-4 * * 1             > every Monday at minutes 0 and 20 of hours 0 to 4, 22 and 23
            0,20,40 8-18 * * *          > every day, every 20 minutes from 08:00 to 18:40
            */20 8-18 * * mon-fri       > Monday to Friday, every 20 minutes from 08:00 to 18:40
            */10 9-17 * * 1-5           > Monday to Friday, every 10 minutes from 09:00 to 17:50
            */10 8-12,14-18 * * *       > every day, every 10 minutes from 08:00 to 12:50 and from 14:00 to 18:50
            0 8-12,14-18 * * *          > every day, every hour from 08:00 to 12:00 and from 14:00 to 18:00
            0 0,3,5-9,14 * * *          > every day at minute 0 of hours 0, 3, 5 to 9 and 14
            * 0,6,12,18 * * *           > every day, every minute of hours 0, 6, 12 and 18
            0 8-20/2 * * *              > every day, every 2 hours from 08:00 to 20:00
            *,7 *,7 * * *               > every minute
            0 *,7 * * *                 > every hour, on the hour
            0 */5,1 * * 1-5             > Monday to Friday at 00:00, 01:00, 05:00, 10:00, 15:00 and 20:00, each time the clock shows them
            @hourly                     > every hour, on the hour
            @daily                      > every day at 00:00
            """)
    void tells_the_times_of_day(String cron, String words) {
        assertThat(CronWords.of(CronExpression.parse(cron))).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
            30 2 * * 1-5                > Monday to Friday at 02:30
            0 4 * * sun                 > every Sunday at 04:00
            0 3 * * 6,0                 > Saturday and Sunday at 03:00
            0 3 * * 1,3,5               > Monday, Wednesday and Friday at 03:00
            0 3 * * sat-mon             > Saturday to Monday at 03:00
            0 3 * * 0,1                 > Monday and Sunday at 03:00
            0 3 * * mon-wed,fri,sun     > Friday and Sunday to Wednesday at 03:00
            0 3 * * */2                 > Tuesday, Thursday, Saturday and Sunday at 03:00
            0 * * * 1-5                 > Monday to Friday, every hour, on the hour
            */15 * * * 1-5              > Monday to Friday, every 15 minutes
            0 */6 * * 1-5               > Monday to Friday, every 6 hours, at 00:00, 06:00, 12:00 and 18:00
            0 3 1 * *                   > on the 1st of every month at 03:00
            0 3 L * *                   > on the last day of every month at 03:00
            0 3 1,15 * *                > on the 1st and 15th of every month at 03:00
            0 3 31 * *                  > on the 31st of every month (where it exists) at 03:00
            0 3 1,31 * *                > on the 1st and 31st of every month (where they exist) at 03:00
            0 3 22-31 * *               > on the 22nd to 31st of every month at 03:00
            0 3 2,3,11-13,21-23 * *     > on the 2nd, 3rd, 11th to 13th and 21st to 23rd of every month at 03:00
            0 3 */2 * *                 > on every 2nd day from the 1st to the 31st of every month at 03:00
            0 3 */7 * *                 > on the 1st, 8th, 15th, 22nd and 29th of every month (where they exist) at 03:00
            0 3 2-30/2 * *              > on every 2nd day from the 2nd to the 30th of every month at 03:00
            0 0 1 1 *                   > every year on 1 January at 00:00
            0 0 1,15 1 *                > every year on 1 and 15 January at 00:00
            0 0 1-7 12 *                > every year on 1 to 7 December at 00:00
            0 0 L 2 *                   > every year on the last day of February at 00:00
            0 0 29 2 *                  > in leap years on 29 February at 00:00
            0 0 29,30 feb *             > every year on 29 and 30 February (where they exist) at 00:00
            0 0 30 4 *                  > every year on 30 April at 00:00
            0 0 */2 6 *                 > every year on every 2nd day from the 1st to the 31st of June (where they exist) at 00:00
            0 3 1 */3 *                 > on the 1st of January, April, July and October at 03:00
            0 3 1 6-8 *                 > on the 1st of the month from June to August at 03:00
            0 3 1 1-3,7 *               > on the 1st of the month in January to March and July at 03:00
            0 3 L nov-feb *             > on the last day of the month from November to February at 03:00
            0 3 31 1,3 *                > on the 31st of January and March at 03:00
            0 3 30 1,2 *                > on the 30th of January and February (where it exists) at 03:00
            0 3 * 6-8 *                 > every day from June to August at 03:00
            0 3 * 6 *                   > every day in June at 03:00
            0 3 * 6,7 *                 > every day in June and July at 03:00
            0 3 * nov-feb *             > every day from November to February at 03:00
            0 3 * jan-mar,jul *         > every day in January to March and July at 03:00
            0 3 * 6-8 1-5               > Monday to Friday from June to August at 03:00
            0 3 * 12,1 sat,sun          > Saturday and Sunday in January and December at 03:00
            * * 31 1 *                  > every year on 31 January, every minute
            59 23 31 12 *               > every year on 31 December at 23:59
            * * 29 2 *                  > in leap years on 29 February, every minute
            0 0 25-31 6 *               > every year on 25 to 31 June (where they exist) at 00:00
            0 0 25-31 6,7 *             > on the 25th to 31st of June and July at 00:00
            0 0 29,31 1-3 *             > on the 29th and 31st of the month from January to March (where they exist) at 00:00
            @weekly                     > every Sunday at 00:00
            @monthly                    > on the 1st of every month at 00:00
            @yearly                     > every year on 1 January at 00:00
            """)
    void tells_the_days(String cron, String words) {
        assertThat(CronWords.of(CronExpression.parse(cron))).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
            0 0 13 * fri                > on the 13th of every month and every Friday at 00:00
            0 0 L * mon                 > on the last day of every month and every Monday at 00:00
            0 0 1,15 * sat,sun          > on the 1st and 15th of every month and every Saturday and Sunday at 00:00
            0 0 31 * 1-5                > on the 31st of every month (where it exists) and every Monday to Friday at 00:00
            0 0 1-31 * fri              > on every day of every month and every Friday at 00:00
            0 0 13 * 0-6                > on the 13th of every month and every day of the week at 00:00
            0 0 1-31 * 0-7              > on every day of every month and every day of the week at 00:00
            0 0 13 6-8 fri              > from June to August on the 13th of the month and every Friday at 00:00
            0 0 13 6 fri                > in June on the 13th of the month and every Friday at 00:00
            0 0 L 1,7 fri               > in January and July on the last day of the month and every Friday at 00:00
            0 0 1-31 6 fri              > in June on every day of the month and every Friday at 00:00
            */15 * 13 * fri             > on the 13th of every month and every Friday, every 15 minutes
            0 0 1-7 * */7               > every Sunday that falls on the 1st to 7th of the month at 00:00
            0 0 */2 * sun               > every Sunday that falls on the 1st, 3rd, 5th, 7th, 9th, 11th, 13th, 15th, 17th, 19th, 21st, 23rd, 25th, 27th, 29th or 31st of the month at 00:00
            0 0 */10 * sat,sun          > every Saturday and Sunday that falls on the 1st, 11th, 21st or 31st of the month at 00:00
            0 0 L * */7                 > every Sunday that falls on the last day of the month at 00:00
            0 0 1-7 6-8 */7             > every Sunday that falls on the 1st to 7th of the month from June to August at 00:00
            0 0 1-7 6-8 */2             > every Tuesday, Thursday, Saturday and Sunday that falls on the 1st to 7th of the month from June to August at 00:00
            0 0 1-31 2 fri              > in February on every day of the month and every Friday at 00:00
            0 0 31 2 fri                > in February on the 31st of the month (where it exists) and every Friday at 00:00
            """)
    void tells_whether_either_day_is_meant_or_both(String cron, String words) {
        assertThat(CronWords.of(CronExpression.parse(cron))).isEqualTo(words);
    }

    @Test
    void every_expression_becomes_a_complete_sentence() {
        EXPRESSIONS.forEach(cron -> assertThat(CronWords.of(cron))
                .as(cron.toString())
                .matches("[A-Za-z].*[a-z0-9]")
                .doesNotContain("null", "  ", " ,", ",,", "( ", "%", "and and", "every every"));
    }

    @Test
    void the_words_stand_for_the_same_fields() {
        EXPRESSIONS.forEach(cron -> assertThat(CronWordsReader.read(CronWords.of(cron)))
                .as(() -> cron + ": " + CronWords.of(cron))
                .isEqualTo(cron.fields()));
    }

    @Test
    void never_has_the_same_words_for_different_fields() {
        var known = new HashMap<String, CronFields>();
        EXPRESSIONS.forEach(cron -> {
            var words = CronWords.of(cron);
            var other = known.put(words, cron.fields());
            assertThat(other == null || other.equals(cron.fields()))
                    .as(() -> "'" + words + "' describes " + cron + " and of " + other)
                    .isTrue();
        });
        assertThat(known).hasSizeGreaterThan(5_000);
    }

    @Test
    void names_the_time_if_there_is_one_a_day() {
        var one = EXPRESSIONS.stream()
                .filter(cron -> cron.fields().minutes().size() == 1
                        && cron.fields().hours().size() == 1)
                .toList();

        assertThat(one)
                .hasSizeGreaterThan(1_000)
                .allSatisfy(cron -> assertThat(CronWords.of(cron))
                        .contains(" at %02d:%02d"
                                .formatted(
                                        cron.fields().hours().get(0),
                                        cron.fields().minutes().get(0))));
    }

    /** Awkward fields with one another, and random ones that are the same each time. */
    private static List<CronExpression> expressions() {
        var times = MINUTES.stream()
                .flatMap(minute -> HOURS.stream().map(hour -> minute + " " + hour))
                .flatMap(time -> Stream.of("* * *", "* * 1-5", "13 * fri").map(day -> time + " " + day));
        var days = DATES.stream()
                .flatMap(date -> MONTHS.stream().map(month -> date + " " + month))
                .flatMap(date -> WEEKDAYS.stream().map(weekday -> date + " " + weekday))
                .flatMap(day -> Stream.of("0 0", "*/15 *").map(time -> time + " " + day));
        var random = new Random(20_260_304);
        var others = IntStream.range(0, 4_000).mapToObj(i -> random(random));
        return Stream.of(times, days, others)
                .flatMap(all -> all)
                .flatMap(CronWordsTest::parse)
                .toList();
    }

    private static Stream<CronExpression> parse(String text) {
        try {
            return Stream.of(CronExpression.parse(text));
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageEndingWith("never comes due");
            return Stream.empty();
        }
    }

    private static String random(Random random) {
        return String.join(
                " ",
                field(random, MINUTES, 0, 59),
                field(random, HOURS, 0, 23),
                field(random, DATES, 1, 31),
                field(random, MONTHS, 1, 12),
                field(random, WEEKDAYS, 0, 6));
    }

    /** One of those given, or made up: up to three values, ranges and steps. */
    private static String field(Random random, List<String> given, int low, int high) {
        if (random.nextInt(3) == 0) {
            return given.get(random.nextInt(given.size()));
        }
        return String.join(
                ",",
                Stream.generate(() -> item(random, low, high))
                        .limit(1 + random.nextInt(3))
                        .toList());
    }

    private static String item(Random random, int low, int high) {
        int from = low + random.nextInt(high - low + 1);
        int to = low + random.nextInt(high - low + 1);
        int step = 1 + random.nextInt(Math.max(1, (to - from + 1) / 2));
        return switch (random.nextInt(6)) {
            case 0 -> "*/" + (1 + random.nextInt(high - low + 1));
            case 1 -> from + "-" + to;
            case 2 -> to > from ? from + "-" + to + "/" + step : from + "-" + to;
            default -> String.valueOf(from);
        };
    }
}
