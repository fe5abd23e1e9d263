package io.resticfleet.server.channel;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.SettableClock;
import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.alert.AlertEvent;
import io.resticfleet.server.alert.AlertEvent.State;
import io.resticfleet.server.alert.AlertKey;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.web.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An outbox and a courier over a real database, with a clock and a network that the test sets. */
abstract class CourierRig {

    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    static final Actor ANNA = Actor.local("anna");

    /** The server's end in the middle of something. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    Path directory;

    final SettableClock clock = new SettableClock(START);
    final List<HttpCall> sent = new ArrayList<>();
    Function<HttpCall, SendResult> network = call -> SendResult.delivered("HTTP status 200");
    Secrets secrets;
    Database db;
    Outbox outbox;
    Channels channels;
    Courier courier;

    @BeforeEach
    void open() {
        secrets = new Secrets(SecretBox.create(directory.resolve("secret.key")));
        start();
    }

    void start() {
        db = Database.open(directory, clock);
        wire();
    }

    void wire() {
        outbox = new Outbox(db, "https://fleet.example", clock);
        channels = new Channels(db, secrets, new Audit(db, clock), outbox, clock);
        courier = courier(Runnable::run, Runnable::run);
    }

    Courier courier(Executor fast, Executor slow) {
        var sender = new Sender() {
            @Override
            public SendResult send(Outgoing message) {
                var call = (HttpCall) message;
                sent.add(call);
                return network.apply(call);
            }

            @Override
            public void close() {}
        };
        return new Courier(db, channels, outbox, jobId -> "", sender, clock, fast, slow);
    }

    @AfterEach
    void close() {
        db.close();
    }

    void restart() {
        db.close();
        start();
    }

    String channel(String name) {
        return channel(new ChannelBody(
                name,
                "webhook",
                Map.of("url", "https://" + name + ".example/"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    String channel(ChannelBody body) {
        return channels.create(ANNA, body).id();
    }

    static HostId host(int n) {
        return new HostId("01ARZ3NDEKTSV4RRFFQ69G5F" + String.format("%02d", n));
    }

    Alert alert(int n, Severity severity) {
        var id = "01ARZ3NDEKTSV4RRFFQ69G5A" + String.format("%02d", n);
        return new Alert(
                id,
                AlertKey.schedule(new ScheduleId(id)),
                AlertKind.BACKUP_FAILED,
                severity,
                new Subject(
                        Optional.of(new Subject.Named<>(host(n), "web" + n)),
                        Optional.empty(),
                        Optional.of(new Subject.Named<>(new ScheduleId(id), "nightly")),
                        List.of(host(n)),
                        List.of("tag" + n % 2)),
                START,
                START,
                Optional.empty(),
                "The backup nightly of web" + n + " failed: the repository is full.",
                "Free some space.",
                "/jobs/" + id,
                Optional.empty());
    }

    Alert resolved(Alert alert) {
        return new Alert(
                alert.id(),
                alert.key(),
                alert.kind(),
                alert.severity(),
                alert.subject(),
                alert.since(),
                alert.openedAt(),
                Optional.of(clock.instant()),
                alert.text(),
                alert.advice(),
                alert.path(),
                Optional.empty());
    }

    void announce(State state, Alert... alerts) {
        db.change(tx -> outbox.changed(
                tx,
                Arrays.stream(alerts).map(alert -> new AlertEvent(state, alert)).toList()));
    }

    /** Looks each second, as the server does. */
    void run(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            courier.check();
            clock.advance(Duration.ofSeconds(1));
        }
        courier.check();
    }

    JsonNode body(int index) throws IOException {
        return Json.LENIENT.readTree(sent.get(index).body());
    }

    List<Delivery> deliveries(String channel) {
        return channels.deliveries(channel, new Page.Request(100, Optional.empty()))
                .items();
    }
}
