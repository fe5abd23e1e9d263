package io.resticfleet.server.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.SettableClock;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts over a real database, with conditions that the test sets. */
class AlertsTest {

    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final HostId WEB = new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAV");

    @TempDir
    Path directory;

    private final SettableClock clock = new SettableClock(START);
    private final List<Condition> conditions = new ArrayList<>();
    private final Set<AlertKey> unknown = new HashSet<>();
    private final Set<HostId> silent = new HashSet<>();
    private final List<AlertEvent> events = new ArrayList<>();
    private Database db;
    private Alerts alerts;

    @BeforeEach
    void open() {
        db = Database.open(directory, clock);
        restart();
    }

    @AfterEach
    void close() {
        db.close();
    }

    private void restart() {
        alerts = new Alerts(
                db,
                new Audit(db, clock),
                (hostId, now) -> silent.contains(hostId),
                List.of(now -> new Findings(List.copyOf(conditions), Set.copyOf(unknown))),
                List.of((tx, changed) -> events.addAll(changed)),
                clock);
    }

    @Test
    void a_condition_opens_after_its_grace_reminds_and_resolves() {
        conditions.add(offline(Severity.WARNING));
        check(Duration.ZERO);
        check(Duration.ofMinutes(15).minusMillis(1));
        assertThat(alerts.open()).isEmpty();
        restart();

        check(Duration.ofMillis(1));
        check(Duration.ofHours(23));
        restart();
        check(Duration.ofHours(1));
        check(Duration.ofMinutes(5));
        conditions.clear();
        check(Duration.ofMinutes(5));
        check(Duration.ofMinutes(5));

        assertThat(announced()).containsExactly("open warning", "reminder warning", "resolved warning");
        assertThat(alerts.open()).isEmpty();
    }

    private void check(Duration later) {
        clock.advance(later);
        alerts.check();
    }

    private List<String> announced() {
        return events.stream()
                .map(event ->
                        event.state().word() + " " + event.alert().severity().word())
                .toList();
    }

    private static Condition offline(Severity severity) {
        return new Condition(
                AlertKey.host(WEB, "offline"),
                AlertKind.HOST_OFFLINE,
                severity,
                new Subject(
                        Optional.of(new Subject.Named<>(WEB, "web")),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(WEB),
                        List.of()),
                START,
                Duration.ofMinutes(15),
                "web is offline.",
                "Switch it on.",
                "/hosts/" + WEB,
                Condition.DAILY);
    }
}
