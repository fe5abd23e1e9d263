package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@link CronExpression} against {@link MinuteByMinuteCron}, on cases of {@link RandomCron}. No disagreement is allowed
 * for.
 */
class RandomCronTest {

    private static final int MOST = 100;

    @Test
    void random_cases_are_due_as_each_minute_says() {
        assertThat(disagreements(0, 3_000)).isEmpty();
    }

    @Test
    @Tag("faults")
    void many_random_cases_are_due_as_each_minute_says() {
        long seed = Long.getLong("faults.seed", new SplittableRandom().nextLong(1_000_000_000_000L));
        long cases = cases(System.getProperty("faults.form", "short"));
        System.out.println("cron: comparing " + cases + " cases from seed " + seed);

        assertThat(disagreements(seed, cases)).isEmpty();
    }

    private static long cases(String form) {
        return switch (form) {
            case "short" -> 50_000;
            case "long" -> 1_000_000;
            default -> Math.max(1, Math.round(10_000 * Double.parseDouble(form.replaceFirst("%$", ""))));
        };
    }

    private static List<String> disagreements(long seed, long cases) {
        return LongStream.range(seed, seed + cases)
                .parallel()
                .mapToObj(RandomCron::of)
                .flatMap(asked -> disagreement(asked).stream())
                .limit(10)
                .toList();
    }

    private static Optional<String> disagreement(RandomCron.Case asked) {
        var given = given(asked);
        var right = right(asked);
        return given.equals(right) ? Optional.empty() : Optional.of("""
                %s
                 answers %s
                 but is  %s
                 again:  mvn -pl shared-protocol test -Dtest=RandomCronTest -Dtests.wanted=faults -Dtests.unwanted= \
                -Dfaults.seed=%d
                """.formatted(asked, given, right, asked.seed()));
    }

    /** What one implementation says of a case. */
    private record Answer(Optional<Instant> next, Optional<Instant> previous, List<Instant> due, long count) {}

    /** An {@link Answer}, or the words of what went wrong. */
    private static Object given(RandomCron.Case asked) {
        var at = asked.at();
        var until = at.plus(asked.span());
        var zone = asked.zone();
        try {
            var cron = CronExpression.parse(asked.cron());
            return new Answer(
                    cron.next(at, zone),
                    cron.previous(at, zone),
                    DueTimes.of(cron, at, until, zone, MOST),
                    cron.count(at, until, zone));
        } catch (RuntimeException e) {
            return e.getMessage();
        }
    }

    private static Object right(RandomCron.Case asked) {
        var cron = new MinuteByMinuteCron(asked.cron());
        if (!cron.everMatches()) {
            return "'" + asked.cron() + "' never comes due";
        }
        var at = asked.at();
        var due = cron.between(at, at.plus(asked.span()), asked.zone());
        return new Answer(
                cron.next(at, asked.zone()),
                cron.previous(at, asked.zone()),
                due.stream().limit(MOST).toList(),
                due.size());
    }
}
