package io.resticfleet.server.alert;

import java.time.Duration;
import java.time.Instant;

/**
 * Something that is wrong now.
 *
 * @param since when it became true, or the best that is known: then the time of the first look that found it, which the
 *     alert keeps
 * @param grace how long after {@code since} it becomes an alert; zero for at once
 * @param text what is wrong, in one or two sentences that name its subject; the same as long as nothing has changed, so no
 *     durations that grow
 * @param advice what to do, in sentences; empty if nothing
 * @param path of the page on which it can be done, such as {@code /hosts/01J…}
 * @param remindEvery time between reminders
 */
public record Condition(
        AlertKey key,
        AlertKind kind,
        Severity severity,
        Subject subject,
        Instant since,
        Duration grace,
        String text,
        String advice,
        String path,
        Duration remindEvery) {

    public static final Duration DAILY = Duration.ofDays(1);
    public static final Duration WEEKLY = Duration.ofDays(7);
}
