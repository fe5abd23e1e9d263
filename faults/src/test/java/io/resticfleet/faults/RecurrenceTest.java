package io.resticfleet.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CronExpression;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecurrenceTest {

    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("2027-01-01T00:00:00Z");

    @ParameterizedTest
    @ValueSource(strings = {"UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago"})
    void a_recurrence_is_due_like_its_cron_expression_all_year(String zone) {
        for (var recurrence : new Recurrence[] {
            new Recurrence(0, 2, 30, ZoneId.of(zone)),
            new Recurrence(60, 0, 17, ZoneId.of(zone)),
            new Recurrence(30, 0, 0, ZoneId.of(zone))
        }) {
            var cron = CronExpression.parse(recurrence.cron());
            assertThat(recurrence.due(FROM, UNTIL))
                    .isEqualTo(Stream.iterate(
                                    cron.next(FROM, ZoneId.of(zone)),
                                    due -> cron.next(due.orElseThrow(), ZoneId.of(zone)))
                            .map(Optional::orElseThrow)
                            .takeWhile(due -> !due.isAfter(UNTIL))
                            .toList());
        }
    }
}
