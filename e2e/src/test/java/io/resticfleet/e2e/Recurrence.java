package io.resticfleet.e2e;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/** When a schedule is due: as a cron expression for the fleet, and as code of its own for the test. */
enum Recurrence {
    EVERY_MINUTE("* * * * *", minute -> true),
    ODD_MINUTES("1-59/2 * * * *", minute -> minute % 2 == 1),
    MOST_MINUTES("0-19,21-59 */1 1-31 * 0-7", minute -> minute != 20);

    private final String cron;
    private final IntPredicate minutes;

    Recurrence(String cron, IntPredicate minutes) {
        this.cron = cron;
        this.minutes = minutes;
    }

    String cron() {
        return cron;
    }

    /** @param after exclusive; @param until inclusive */
    Stream<Instant> due(Instant after, Instant until) {
        return Stream.iterate(
                        after.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES),
                        due -> !due.isAfter(until),
                        due -> due.plus(1, ChronoUnit.MINUTES))
                .filter(due -> minutes.test(due.atOffset(ZoneOffset.UTC).getMinute()));
    }
}
