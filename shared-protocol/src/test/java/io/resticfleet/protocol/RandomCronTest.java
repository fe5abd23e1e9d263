package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
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
        try {
            return answers(asked).filter(answers -> !answers.same()).map(answers ->
                    """
                    %s
                     answers %s
                     but is  %s
                     again:  mvn -pl shared-protocol test -Dtest=RandomCronTest -Dtests.wanted=faults -Dtests.unwanted= \
                    -Dfaults.seed=%d -Dfaults.form=short
                    """.formatted(asked, answers.given, answers.right, asked.seed()));
        } catch (RuntimeException e) {
            throw new AssertionError(asked.toString(), e);
        }
    }

    /** What one implementation says of a case. */
    private record Answer(Optional<Instant> next, Optional<Instant> previous, List<Instant> due, long count) {}

    private record Answers(Answer given, Answer right) {
        private boolean same() {
            return given.equals(right);
        }
    }

    /** Empty where both say that it never comes due. */
    private static Optional<Answers> answers(RandomCron.Case asked) {
        var opinion = new MinuteByMinuteCron(asked.cron());
        if (!opinion.everMatches()) {
            assertThat(refusal(asked.cron())).contains("'" + asked.cron() + "' never comes due");
            return Optional.empty();
        }
        var at = asked.at();
        var until = at.plus(asked.span());
        return Optional.of(new Answers(
                given(CronExpression.parse(asked.cron()), at, until, asked.zone()),
                right(opinion, at, until, asked.zone())));
    }

    private static Optional<String> refusal(String cron) {
        try {
            CronExpression.parse(cron);
            return Optional.empty();
        } catch (IllegalArgumentException refused) {
            return Optional.of(refused.getMessage());
        }
    }

    private static Answer given(CronExpression cron, Instant at, Instant until, ZoneId zone) {
        return new Answer(
                cron.next(at, zone),
                cron.previous(at, zone),
                cron.dueBetween(at, until, zone, MOST),
                cron.count(at, until, zone));
    }

    private static Answer right(MinuteByMinuteCron cron, Instant at, Instant until, ZoneId zone) {
        var due = cron.between(at, until, zone);
        return new Answer(
                cron.next(at, zone),
                cron.previous(at, zone),
                due.stream().limit(MOST).toList(),
                due.size());
    }
}
