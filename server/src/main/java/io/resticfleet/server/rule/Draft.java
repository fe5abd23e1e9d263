package io.resticfleet.server.rule;

import io.resticfleet.server.alert.AlertKey;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Condition;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import java.time.Duration;
import java.time.Instant;

/** A condition without its words. Without a grace unless one is given; with a reminder a day. */
record Draft(
        AlertKey key,
        AlertKind kind,
        Severity severity,
        Subject subject,
        Instant since,
        Duration grace,
        Duration remindEvery) {

    Draft(AlertKey key, AlertKind kind, Severity severity, Subject subject, Instant since) {
        this(key, kind, severity, subject, since, Duration.ZERO, Condition.DAILY);
    }

    Draft grace(Duration time) {
        return new Draft(key, kind, severity, subject, since, time, remindEvery);
    }

    Draft remindEvery(Duration time) {
        return new Draft(key, kind, severity, subject, since, grace, time);
    }

    /** See {@link Condition}. */
    Condition says(String text, String advice, String path) {
        return new Condition(key, kind, severity, subject, since, grace, text, advice, path, remindEvery);
    }
}
