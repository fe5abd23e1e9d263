package io.resticfleet.server.alert;

import java.time.Instant;
import java.util.Optional;

/**
 * A condition that an earlier look has found.
 *
 * @param since when it became true, as first seen
 * @param openedAt absent while it is pending: true for less than its grace
 * @param announced what listeners know of it; absent if nothing
 */
record Known(
        String id,
        AlertKey key,
        AlertKind kind,
        Severity severity,
        Subject subject,
        Instant since,
        Optional<Instant> openedAt,
        String text,
        String advice,
        String path,
        Optional<Announced> announced,
        Optional<Acknowledged> acknowledged) {

    record Announced(Severity severity, Instant at) {}

    /** @param severity at the time of the acknowledgement, which ends when the alert becomes more severe */
    record Acknowledged(Alert.Acknowledgement what, Severity severity) {}

    boolean open() {
        return openedAt.isPresent();
    }

    /** Not of a pending one. */
    Alert alert(Optional<Instant> resolvedAt) {
        return new Alert(
                id,
                key,
                kind,
                severity,
                subject,
                since,
                openedAt.orElseThrow(),
                resolvedAt,
                text,
                advice,
                path,
                acknowledged.map(Acknowledged::what));
    }

    Known opened(String newId, Instant at) {
        return new Known(
                newId,
                key,
                kind,
                severity,
                subject,
                since,
                Optional.of(at),
                text,
                advice,
                path,
                announced,
                acknowledged);
    }

    Known announced(Instant at) {
        return with(Optional.of(new Announced(severity, at)), acknowledged);
    }

    /** Somebody knows of it as it is now; what was announced of a higher severity does not count any more. */
    Known acknowledged(Alert.Acknowledgement acknowledgement) {
        return with(
                announced.map(before -> new Announced(
                        before.severity().compareTo(severity) > 0 ? severity : before.severity(), before.at())),
                Optional.of(new Acknowledged(acknowledgement, severity)));
    }

    Known unacknowledged() {
        return with(announced, Optional.empty());
    }

    private Known with(Optional<Announced> newAnnounced, Optional<Acknowledged> newAcknowledged) {
        return new Known(
                id, key, kind, severity, subject, since, openedAt, text, advice, path, newAnnounced, newAcknowledged);
    }
}
