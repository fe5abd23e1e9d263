package io.resticfleet.server.alert;

import static io.resticfleet.server.alert.SampleConditions.START;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.SettableClock;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.FaultyConnections;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Alerts over a real database, of conditions that the test sets. */
abstract class AlertsOverDatabase {

    static final Actor ANNA = Actor.local("anna");

    @TempDir
    Path directory;

    final SettableClock clock = new SettableClock(START);
    final FaultyConnections faults = new FaultyConnections();
    final List<AlertEvent> events = new ArrayList<>();
    List<Condition> conditions = List.of();
    Set<AlertKey> unknown = Set.of();
    Set<HostId> silent = Set.of();
    Optional<RuntimeException> broken = Optional.empty();
    Database db;
    Alerts alerts;

    @BeforeEach
    void open() {
        db = faults.open(directory, clock);
        restart();
    }

    @AfterEach
    void close() {
        db.close();
    }

    void restart() {
        alerts = new Alerts(
                db,
                new Audit(db, clock),
                (hostId, now) -> silent.contains(hostId),
                List.of(this::find, now -> {
                    broken.ifPresent(failure -> {
                        throw failure;
                    });
                    return new Findings(List.of(), Set.of());
                }),
                List.of((tx, changed) -> events.addAll(changed)),
                clock);
    }

    Findings find(Instant now) {
        return new Findings(conditions, unknown);
    }

    void check(Duration later) {
        clock.advance(later);
        alerts.check();
    }

    List<String> announced() {
        return events.stream()
                .map(event ->
                        event.state().word() + " " + event.alert().severity().word())
                .toList();
    }

    List<String> kinds(AlertFilter filter) {
        return alerts.page(all(), filter).items().stream()
                .map(alert -> alert.kind().word())
                .toList();
    }

    static Page.Request all() {
        return new Page.Request(1_000, Optional.empty());
    }

    static AlertFilter filter(AlertFilter.State state, HostId hostId) {
        return new AlertFilter(Optional.of(state), Optional.of(hostId.value()), Optional.empty(), Optional.empty());
    }

    int stored() {
        return db.read(handle -> handle.createQuery("SELECT count(*) FROM alerts WHERE resolved_at IS NOT NULL")
                .mapTo(Integer.class)
                .one());
    }

    static String refusal(Runnable call) {
        try {
            call.run();
            return "accepted";
        } catch (Problem e) {
            return e.status() + " " + e.code();
        }
    }
}
