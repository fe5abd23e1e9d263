package io.resticfleet.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The outbox and the courier over a real database, with a clock and a network that the test sets. */
class CourierTest {

    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final Actor ANNA = Actor.local("anna");

    /** The server's end in the middle of something. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    Path directory;

    private final SettableClock clock = new SettableClock(START);
    private final List<HttpCall> sent = new ArrayList<>();
    private Function<HttpCall, SendResult> network = call -> SendResult.delivered("HTTP status 200");
    private Secrets secrets;
    private Database db;
    private Outbox outbox;
    private Channels channels;
    private Courier courier;

    @BeforeEach
    void open() {
        secrets = new Secrets(SecretBox.create(directory.resolve("secret.key")));
        start();
    }

    private void start() {
        db = Database.open(directory, clock);
        outbox = new Outbox(db, "https://fleet.example", clock);
        channels = new Channels(db, secrets, new Audit(db, clock), outbox, clock);
        courier = courier(Runnable::run, Runnable::run);
    }

    private Courier courier(Executor fast, Executor slow) {
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

    private void restart() {
        db.close();
        start();
    }

    private String channel(String name) {
        return channel(new ChannelBody(
                name,
                "webhook",
                Map.of("url", "https://" + name + ".example/"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    private String channel(ChannelBody body) {
        return channels.create(ANNA, body).id();
    }

    private static HostId host(int n) {
        return new HostId("01ARZ3NDEKTSV4RRFFQ69G5F" + String.format("%02d", n));
    }

    private Alert alert(int n, Severity severity) {
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

    private Alert resolved(Alert alert) {
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

    private void announce(State state, Alert... alerts) {
        db.change(tx -> outbox.changed(
                tx,
                Arrays.stream(alerts).map(alert -> new AlertEvent(state, alert)).toList()));
    }

    /** Looks each second, as the server does. */
    private void run(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            courier.check();
            clock.advance(Duration.ofSeconds(1));
        }
        courier.check();
    }

    private JsonNode body(int index) throws IOException {
        return Json.LENIENT.readTree(sent.get(index).body());
    }

    private List<Delivery> deliveries(String channel) {
        return channels.deliveries(channel, new Page.Request(100, Optional.empty()))
                .items();
    }

    @Test
    void one_alert_is_said_at_once_in_the_body_that_is_documented() throws Exception {
        channel("ops");
        announce(State.OPEN, alert(1, Severity.CRITICAL));

        courier.check();

        var body = body(0);
        assertThat(body.fieldNames()).toIterable().containsExactly("delivery_id", "state", "attempt", "alert");
        assertThat(body.at("/state").asText()).isEqualTo("open");
        assertThat(body.at("/attempt").asInt()).isEqualTo(1);
        assertThat(body.at("/alert/kind").asText()).isEqualTo("backup_failed");
        assertThat(body.at("/alert/severity").asText()).isEqualTo("critical");
        assertThat(body.at("/alert/host/name").asText()).isEqualTo("web1");
        assertThat(body.at("/alert/action_url").asText()).startsWith("https://fleet.example/jobs/01ARZ3");
    }

    @Test
    void a_storm_is_one_message_a_minute_with_all_that_came_meanwhile() throws Exception {
        channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        clock.advance(Duration.ofSeconds(10));
        for (int n = 2; n <= 15; n++) {
            announce(State.OPEN, alert(n, Severity.WARNING));
            courier.check();
        }
        run(Duration.ofSeconds(49));
        assertThat(sent).hasSize(1);

        run(Duration.ofSeconds(1));

        assertThat(sent).hasSize(2);
        assertThat(body(1).at("/title").asText()).isEqualTo("Warning: 14 hosts: backup failed");
        assertThat(body(1).at("/alerts")).hasSize(14);
        assertThat(body(1).at("/text").asText())
                .contains("• Warning: web2, nightly: The backup nightly of web2 failed");
    }

    @Test
    void what_opened_and_was_over_while_it_waited_is_one_line_and_more_than_twenty_are_counted() throws Exception {
        channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        for (int n = 2; n <= 30; n++) {
            announce(State.OPEN, alert(n, Severity.WARNING));
        }
        announce(State.RESOLVED, resolved(alert(2, Severity.WARNING)));
        announce(State.OPEN, alert(31, Severity.CRITICAL));

        run(Duration.ofMinutes(1));

        var text = body(1).at("/text").asText();
        assertThat(body(1).at("/title").asText()).isEqualTo("Alerts: 1 critical, 28 warning, 1 resolved");
        assertThat(body(1).at("/state").asText()).isEqualTo("open");
        assertThat(body(1).at("/alert/severity").asText()).isEqualTo("critical");
        assertThat(text.lines()).hasSize(21);
        assertThat(text).startsWith("• Critical: web31").endsWith("… and 10 more");
        assertThat(body(1).at("/alerts")).hasSize(31);
    }

    @Test
    void a_channel_hears_of_the_end_of_what_it_was_told_only() {
        var all = channel("all");
        var critical = channel(new ChannelBody(
                "critical",
                "webhook",
                Map.of("url", "https://c.example/"),
                Optional.of("critical"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        var one = channel(new ChannelBody(
                "one",
                "webhook",
                Map.of("url", "https://o.example/"),
                Optional.of("info"),
                Optional.of(List.of(host(2))),
                Optional.of(List.of("tag0")),
                Optional.empty()));
        announce(State.OPEN, alert(1, Severity.WARNING), alert(2, Severity.WARNING));
        run(Duration.ofMinutes(1));
        announce(State.ESCALATED, alert(1, Severity.CRITICAL));
        run(Duration.ofMinutes(1));
        announce(State.RESOLVED, resolved(alert(1, Severity.WARNING)), resolved(alert(2, Severity.WARNING)));
        run(Duration.ofMinutes(1));
        announce(State.REMINDER, alert(3, Severity.INFO));
        run(Duration.ofMinutes(1));

        assertThat(deliveries(all)).hasSize(3);
        assertThat(deliveries(critical))
                .extracting(Delivery::title)
                .containsExactly(
                        "Resolved: backup failed – web1, nightly", "Now critical: backup failed – web1, nightly");
        assertThat(deliveries(one))
                .extracting(Delivery::title)
                .containsExactly("Resolved: backup failed – web2, nightly", "Warning: backup failed – web2, nightly");
    }

    @Test
    void a_server_killed_between_sending_and_noting_sends_the_same_again_and_says_so() throws Exception {
        var ops = channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING), alert(2, Severity.WARNING));
        network = call -> {
            throw new Killed();
        };
        try {
            courier.check();
        } catch (Killed e) {
            network = call -> SendResult.delivered("HTTP status 200");
        }
        restart();
        announce(State.OPEN, alert(3, Severity.WARNING));

        run(Duration.ofSeconds(59));
        assertThat(sent).hasSize(1);
        run(Duration.ofMinutes(2));

        assertThat(sent).hasSize(3);
        assertThat(body(1).at("/delivery_id")).isEqualTo(body(0).at("/delivery_id"));
        assertThat(body(1).at("/alerts")).isEqualTo(body(0).at("/alerts"));
        assertThat(body(1).at("/attempt").asInt()).isEqualTo(2);
        assertThat(sent.get(1).headers()).containsEntry(Renderer.ATTEMPT, "2");
        assertThat(body(2).at("/alert/host/name").asText()).isEqualTo("web3");
        assertThat(deliveries(ops).get(1).lastAttempts())
                .extracting(Delivery.Attempt::ok)
                .containsExactly(Optional.empty(), Optional.of(true));
    }

    @Test
    void a_failed_message_is_tried_later_and_later_and_given_up_after_three_days() {
        var ops = channel("ops");
        network = call -> SendResult.failed("no connection to the server");
        announce(State.OPEN, alert(1, Severity.WARNING));

        var times = new ArrayList<Long>();
        for (int minute = 0; minute < 4 * 24 * 60; minute++) {
            int before = sent.size();
            courier.check();
            if (sent.size() > before) {
                times.add((long) minute);
            }
            clock.advance(Duration.ofMinutes(1));
        }

        assertThat(times).startsWith(0L, 1L, 3L, 7L, 15L, 31L, 63L, 123L, 183L);
        assertThat(times).hasSizeBetween(74, 78);
        assertThat(deliveries(ops)).singleElement().satisfies(delivery -> {
            assertThat(delivery.state()).isEqualTo("given_up");
            assertThat(delivery.attempts()).isEqualTo(times.size());
            assertThat(delivery.lastAttempts()).hasSize(10);
        });
        assertThat(channels.get(ops).status()).isEqualTo(Channel.Status.FAILING);
    }

    @Test
    void a_receiver_that_asks_to_wait_is_obeyed_and_a_refusal_waits_longer() {
        var wait = new SendResult(SendResult.Outcome.FAILED, "HTTP status 429", Optional.of(Duration.ofMinutes(7)));

        assertThat(Courier.backOff(0, wait)).isEqualTo(Duration.ofMinutes(7));
        assertThat(Courier.backOff(9, wait)).isEqualTo(Duration.ofMinutes(7));
        assertThat(Courier.backOff(0, SendResult.refused("HTTP status 404"))).isEqualTo(Duration.ofMinutes(10));
        assertThat(Courier.backOff(5, SendResult.refused("HTTP status 404"))).isEqualTo(Duration.ofMinutes(32));
        assertThat(Courier.backOff(40, SendResult.failed("x"))).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void a_channel_that_fails_is_an_alert_on_the_others_until_it_works() {
        var ops = channel("ops");
        var mail = channel("mail");
        network = call -> call.url().getHost().startsWith("ops")
                ? SendResult.failed("no answer in time")
                : SendResult.delivered("HTTP status 200");
        var rules = new ChannelRules(db);
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();

        var found = rules.find(clock.instant()).conditions();
        assertThat(found).singleElement().satisfies(condition -> {
            assertThat(condition.severity()).isEqualTo(Severity.WARNING);
            assertThat(condition.since()).isEqualTo(START);
            assertThat(condition.text())
                    .isEqualTo("Messages to the channel ops (ops.example) are not delivered: no answer in time.");
        });
        var condition = found.get(0);
        announce(
                State.OPEN,
                new Alert(
                        "01ARZ3NDEKTSV4RRFFQ69G5A50",
                        condition.key(),
                        condition.kind(),
                        condition.severity(),
                        condition.subject(),
                        START,
                        START,
                        Optional.empty(),
                        condition.text(),
                        condition.advice(),
                        condition.path(),
                        Optional.empty()));
        assertThat(channels.get(mail).waiting()).isEqualTo(1);
        assertThat(channels.get(ops).waiting()).isEqualTo(1); // what failed

        network = call -> SendResult.delivered("HTTP status 200");
        run(Duration.ofMinutes(2));
        assertThat(rules.find(clock.instant()).conditions()).isEmpty();
        assertThat(channels.get(ops).status()).isEqualTo(Channel.Status.OK);
    }

    @Test
    void a_channel_that_is_down_for_long_keeps_ten_thousand_events_and_says_how_many_were_dropped() throws Exception {
        channel("ops");
        network = call -> SendResult.failed("no connection to the server");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        var many = new Alert[100];
        for (int n = 0; n < 100; n++) {
            many[n] = alert(n, Severity.WARNING);
        }
        for (int round = 0; round < 101; round++) {
            announce(State.OPEN, many);
        }

        network = call -> SendResult.delivered("HTTP status 200");
        run(Duration.ofMinutes(3));

        assertThat(sent).hasSize(3);
        assertThat(body(2).at("/cut").asInt()).isEqualTo(10_100 - 100);
        assertThat(body(2).at("/alerts")).hasSize(100);
        assertThat(body(2).at("/text").asText()).contains("… and 9100 earlier messages that were dropped");
    }

    @Test
    void a_change_of_the_channel_lets_what_waits_be_tried_at_once_and_digests_wait_their_turn() throws Exception {
        var ops = channel("ops");
        network = call -> SendResult.refused("HTTP status 404");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        db.change(tx ->
                outbox.digest(tx, ops, new DigestMessage("Yesterday", "3 backups ran.", "<p>3 backups ran.</p>")));
        network = call -> SendResult.delivered("HTTP status 200");
        run(Duration.ofSeconds(30));
        assertThat(sent).hasSize(1);

        channels.update(
                ANNA,
                ops,
                new ChannelBody(
                        "ops",
                        "webhook",
                        Map.of("url", "https://new.example/"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("daily")));
        courier.check();
        assertThat(sent).hasSize(2);
        assertThat(sent.get(1).url().getHost()).isEqualTo("new.example");
        run(Duration.ofMinutes(1));

        assertThat(sent).hasSize(3);
        assertThat(body(2).at("/state").asText()).isEqualTo("digest");
        assertThat(body(2).at("/text").asText()).isEqualTo("3 backups ran.");
    }

    @Test
    void a_clock_that_was_ahead_delays_nothing() {
        channel("ops");
        clock.set(START.plus(Duration.ofDays(30)));
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        clock.set(START);
        announce(State.OPEN, alert(2, Severity.WARNING));

        courier.check();

        assertThat(sent).hasSize(2);
    }

    @Test
    void old_deliveries_are_deleted() {
        var ops = channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        clock.advance(Duration.ofDays(31));
        courier.expire();

        assertThat(deliveries(ops)).isEmpty();
    }

    @Test
    void a_channel_that_hangs_delays_no_other_and_a_test_waits_for_no_minute() throws Exception {
        var waiting = new ArrayList<Runnable>();
        var hanging = channel("hanging");
        network = call -> SendResult.failed("no answer in time");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        network = call -> SendResult.delivered("HTTP status 200");
        courier = courier(Runnable::run, waiting::add);
        var quick = channel("quick");
        clock.advance(Duration.ofMinutes(1));
        announce(State.OPEN, alert(2, Severity.WARNING));

        courier.check();
        courier.check();

        assertThat(waiting).hasSize(1); // to the one that failed
        assertThat(deliveries(quick)).extracting(Delivery::state).containsExactly("delivered");
        db.change(tx -> outbox.test(tx, tx.attach(ChannelDao.class).find(quick).orElseThrow()));
        courier.check();
        assertThat(deliveries(quick)).extracting(Delivery::kind).containsExactly("test", "alerts");
        assertThat(deliveries(quick)).extracting(Delivery::state).containsOnly("delivered");
        assertThat(deliveries(hanging)).extracting(Delivery::state).containsExactly("waiting");
    }

    @Test
    void without_a_channel_that_works_the_alert_is_critical() {
        channel("ops");
        network = call -> SendResult.refused("HTTP status 410");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();

        assertThat(new ChannelRules(db).find(clock.instant()).conditions())
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.severity()).isEqualTo(Severity.CRITICAL);
                    assertThat(condition.text()).endsWith("HTTP status 410. No channel works.");
                });
    }

    @Test
    void a_secret_that_cannot_be_read_is_said_and_sent_nowhere() {
        var ops = channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING));
        secrets = new Secrets(SecretBox.create(directory.resolve("another.key")));
        restart();

        courier.check();

        assertThat(sent).isEmpty();
        assertThat(channels.get(ops).lastError()).contains("the channel's secrets cannot be read; enter them again");
    }
}
