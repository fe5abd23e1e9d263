package io.resticfleet.server.alert;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Optional;

/**
 * An alert as the API and webhooks send it.
 *
 * @param resolvedAt absent while it is open
 * @param advice empty if there is nothing to do
 * @param actionUrl of the page on which something can be done about it
 */
public record AlertView(
        String id,
        AlertKind kind,
        Severity severity,
        Optional<Subject.Named<HostId>> host,
        Optional<Subject.Named<RepositoryId>> repository,
        Optional<Subject.Named<ScheduleId>> schedule,
        Instant since,
        Instant openedAt,
        Optional<Instant> resolvedAt,
        String text,
        String advice,
        String actionUrl,
        Optional<Alert.Acknowledgement> acknowledged) {

    /** @param serverUrl as people reach this server, without a trailing slash */
    public static AlertView of(Alert alert, String serverUrl) {
        var subject = alert.subject();
        return new AlertView(
                alert.id(),
                alert.kind(),
                alert.severity(),
                subject.host(),
                subject.repository(),
                subject.schedule(),
                alert.since(),
                alert.openedAt(),
                alert.resolvedAt(),
                alert.text(),
                alert.advice(),
                serverUrl + alert.path(),
                alert.acknowledged());
    }
}
