package io.resticfleet.server.alert;

import static io.resticfleet.server.alert.SampleConditions.START;
import static io.resticfleet.server.alert.SampleConditions.offline;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.audit.Audit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AcknowledgementTest extends AlertsOverDatabase {

    @Test
    void what_somebody_has_acknowledged_is_not_repeated_until_it_is_worse_or_the_time_is_over() {
        conditions = List.of(offline(Severity.WARNING, START.minus(Duration.ofDays(1))));
        check(Duration.ZERO);
        var id = alerts.open().get(0).id();

        var until = Optional.of(START.plus(Duration.ofDays(10)));
        var acknowledged = alerts.acknowledge(ANNA, id, until, Optional.of(" on holiday "));
        check(Duration.ofDays(3));
        restart();
        check(Duration.ofDays(3));

        assertThat(acknowledged.acknowledged())
                .contains(new Alert.Acknowledgement(START, "anna", until, Optional.of("on holiday")));
        assertThat(alerts.open().get(0)).isEqualTo(acknowledged);
        assertThat(announced()).containsExactly("open warning");
        check(Duration.ofDays(5));
        assertThat(announced()).containsExactly("open warning", "reminder warning");
        assertThat(alerts.open().get(0).acknowledged()).isEmpty();

        alerts.acknowledge(ANNA, id, Optional.empty(), Optional.empty());
        check(Duration.ofDays(5));
        conditions = List.of(offline(Severity.CRITICAL));
        check(Duration.ofDays(5));
        assertThat(announced()).containsExactly("open warning", "reminder warning", "escalated critical");
        assertThat(alerts.open().get(0).acknowledged()).isEmpty();

        alerts.acknowledge(ANNA, id, Optional.empty(), Optional.empty());
        alerts.unacknowledge(ANNA, id);
        alerts.unacknowledge(ANNA, id);
        check(Duration.ofDays(1));
        conditions = List.of();
        check(Duration.ofDays(1));
        assertThat(announced()).endsWith("reminder critical", "resolved critical");
        assertThat(new Audit(db, clock).list(all(), Optional.empty()).items())
                .extracting(entry -> entry.action() + " " + entry.targetId().orElse("") + " "
                        + entry.detail().get("kind"))
                .containsExactly(
                        "alert.unacknowledge " + id + " host_offline",
                        "alert.acknowledge " + id + " host_offline",
                        "alert.acknowledge " + id + " host_offline",
                        "alert.acknowledge " + id + " host_offline");
    }

    @Test
    void an_acknowledgement_at_a_lower_severity_ends_with_the_next_higher_one() {
        conditions = List.of(offline(Severity.CRITICAL, START.minus(Duration.ofDays(1))));
        check(Duration.ZERO);
        conditions = List.of(offline(Severity.WARNING));
        check(Duration.ofMinutes(1));
        alerts.acknowledge(ANNA, alerts.open().get(0).id(), Optional.empty(), Optional.empty());
        conditions = List.of(offline(Severity.CRITICAL));
        check(Duration.ofMinutes(1));

        assertThat(announced()).containsExactly("open critical", "escalated critical");
    }

    @Test
    void what_cannot_be_acknowledged_is_refused() {
        conditions = List.of(offline(Severity.WARNING, START.minus(Duration.ofDays(1))));
        check(Duration.ZERO);
        var id = alerts.open().get(0).id();

        assertThat(refusal(() -> alerts.acknowledge(ANNA, id, Optional.of(START), Optional.empty())))
                .isEqualTo("400 invalid_until");
        assertThat(refusal(() -> alerts.acknowledge(ANNA, id, Optional.of(Instant.MAX), Optional.empty())))
                .isEqualTo("400 invalid_until");
        assertThat(refusal(() -> alerts.acknowledge(ANNA, id, Optional.empty(), Optional.of("x".repeat(501)))))
                .isEqualTo("400 invalid_note");
        assertThat(refusal(() -> alerts.acknowledge(ANNA, "none", Optional.empty(), Optional.empty())))
                .isEqualTo("404 not_found");
        conditions = List.of();
        check(Duration.ofMinutes(1));
        assertThat(refusal(() -> alerts.acknowledge(ANNA, id, Optional.empty(), Optional.empty())))
                .isEqualTo("409 alert_resolved");
        assertThat(refusal(() -> alerts.unacknowledge(ANNA, id))).isEqualTo("409 alert_resolved");
        assertThat(alerts.get(id).acknowledged()).isEmpty();
    }
}
