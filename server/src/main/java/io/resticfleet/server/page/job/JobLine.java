package io.resticfleet.server.page.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.page.text.StateWords;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A job in a list.
 *
 * @param schedule its name; empty for one-shots, and for a schedule that is no more
 * @param trigger why it ran, such as {@code cron}
 * @param at when it began; if it has not, when it was due or asked for
 * @param took absent unless it began and ended
 * @param error in words; empty if there is nothing to say
 */
public record JobLine(
        String id,
        String hostId,
        String host,
        JobKind kind,
        String schedule,
        String trigger,
        JobStatus status,
        Instant at,
        Optional<Duration> took,
        String error) {

    String tone() {
        return StateWords.tone(status);
    }

    /** Such as {@code Backup nightly}. */
    String what() {
        return StateWords.of(kind) + (schedule.isEmpty() ? "" : " " + schedule);
    }

    String statusWords() {
        return StateWords.of(status);
    }
}
