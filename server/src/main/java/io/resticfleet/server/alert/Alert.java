package io.resticfleet.server.alert;

import java.time.Instant;
import java.util.Optional;

/**
 * A condition that is, or was, true for longer than its grace.
 *
 * @param id ULID
 * @param since when the condition became true
 * @param openedAt when it became an alert
 * @param resolvedAt absent while it is open
 * @param acknowledged absent if nobody has, or no longer
 */
public record Alert(
        String id,
        AlertKey key,
        AlertKind kind,
        Severity severity,
        Subject subject,
        Instant since,
        Instant openedAt,
        Optional<Instant> resolvedAt,
        String text,
        String advice,
        String path,
        Optional<Acknowledgement> acknowledged) {

    /**
     * Somebody knows of it: no reminders until it becomes more severe.
     *
     * @param by user name
     * @param until reminders go on after this; absent for never
     */
    public record Acknowledgement(Instant at, String by, Optional<Instant> until, Optional<String> note) {}

    public boolean open() {
        return resolvedAt.isEmpty();
    }
}
