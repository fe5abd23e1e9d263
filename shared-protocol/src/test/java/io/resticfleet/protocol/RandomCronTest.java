package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@link CronExpression} against {@link MinuteByMinuteCron}, on cases of {@link RandomCron}, without exceptions. */
class RandomCronTest {

    private static final int MOST = 100;

    @Test
    void random_cases_agree_with_the_oracle() {
        assertThat(disagreements(0, 3_000)).isEmpty();
    }

    @Test
    @Tag("faults")
    void many_random_cases_agree_with_the_oracle() {
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
                .flatMap(test -> disagreement(test).stream())
                .limit(10)
                .toList();
    }

    private static Optional<String> disagreement(RandomCron.Case test) {
        var actual = actual(test);
        var expected = expected(test);
        return actual.equals(expected)
                ? Optional.empty()
                : Optional.of("""
                %s
                 actual   %s
                 expected %s
                 replay:  mvn -pl shared-protocol test -Dtest=RandomCronTest -Dtests.wanted=faults -Dtests.unwanted= \
                -Dfaults.seed=%d
                """.formatted(test, actual, expected, test.seed()));
    }

    /** One implementation's result for a case. */
    private record Answer(Optional<Instant> next, Optional<Instant> previous, List<Instant> due, long count) {}

    /** An {@link Answer}, or an error message. */
    private static Object actual(RandomCron.Case test) {
        var at = test.at();
        var until = at.plus(test.span());
        var zone = test.zone();
        try {
            var cron = CronExpression.parse(test.cron());
            return new Answer(
                    cron.next(at, zone),
                    cron.previous(at, zone),
                    DueTimes.of(cron, at, until, zone, MOST),
                    cron.count(at, until, zone));
        } catch (RuntimeException e) {
            return e.getMessage();
        }
    }

    private static Object expected(RandomCron.Case test) {
        var cron = new MinuteByMinuteCron(test.cron());
        if (!cron.everMatches()) {
            return "'" + test.cron() + "' never comes due";
        }
        var at = test.at();
        var due = cron.between(at, at.plus(test.span()), test.zone());
        return new Answer(
                cron.next(at, test.zone()),
                cron.previous(at, test.zone()),
                due.stream().limit(MOST).toList(),
                due.size());
    }
}
