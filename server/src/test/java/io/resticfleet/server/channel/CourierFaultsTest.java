package io.resticfleet.server.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.alert.AlertEvent.State;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.db.FaultyConnections;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteErrorCode;

/** Delivery while receivers fail, the disk fails, and the server is killed. */
class CourierFaultsTest extends CourierRig {

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
        assertThat(body(2).at("/text").asText()).contains("… and 100 earlier messages that were dropped");
    }

    @Test
    void a_message_that_is_refused_again_and_again_lets_the_next_pass_and_is_counted() throws Exception {
        channel("ops");
        network = call -> new String(call.body(), StandardCharsets.UTF_8).contains("web1 ")
                ? SendResult.refused("HTTP status 400")
                : SendResult.delivered("HTTP status 200");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        announce(State.OPEN, alert(2, Severity.CRITICAL));

        run(Duration.ofHours(2));

        assertThat(body(sent.size() - 1).at("/alert/host/name").asText()).isEqualTo("web2");
        assertThat(body(sent.size() - 1).at("/cut").asInt()).isEqualTo(1);
    }

    @Test
    void an_error_while_sending_ends_that_attempt_only() {
        channel("ops");
        network = call -> {
            throw new StackOverflowError();
        };
        announce(State.OPEN, alert(1, Severity.WARNING));
        assertThatThrownBy(courier::check).isInstanceOf(StackOverflowError.class);

        network = call -> SendResult.delivered("HTTP status 200");
        run(Duration.ofMinutes(2));

        assertThat(sent).hasSize(2);
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

    @Test
    void over_many_kills_nothing_is_lost_and_a_repetition_has_its_id_and_says_so() throws Exception {
        for (int seed = 1; seed <= 3; seed++) {
            restart();
            sent.clear();
            var random = new Random(seed);
            var ops = channel("ops" + seed);
            var times = new ArrayList<Instant>();
            var delivered = new ArrayList<Integer>();
            network = call -> {
                times.add(clock.instant());
                int fate = random.nextInt(10);
                if (fate < 6) {
                    delivered.add(sent.size() - 1);
                }
                if (fate == 4 || fate == 5 || fate == 6) { // before or after it has arrived
                    throw new Killed();
                }
                return fate < 4 ? SendResult.delivered("HTTP status 200") : SendResult.failed("no answer in time");
            };
            int kills = 0;
            for (int n = 0; n < 60; n++) {
                announce(State.OPEN, alert(n, Severity.WARNING));
                for (int i = random.nextInt(4); i >= 0; i--) {
                    clock.advance(Duration.ofSeconds(random.nextInt(60)));
                    try {
                        courier.check();
                    } catch (Killed e) {
                        kills++;
                        restart();
                    }
                }
            }
            network = call -> {
                delivered.add(sent.size() - 1);
                return SendResult.delivered("HTTP status 200");
            };
            run(Duration.ofHours(3));

            var byDelivery = new TreeMap<String, List<Integer>>();
            for (var index : delivered) {
                byDelivery
                        .computeIfAbsent(body(index).at("/delivery_id").asText(), id -> new ArrayList<>())
                        .add(index);
            }
            var told = new ArrayList<String>();
            for (var copies : byDelivery.values()) {
                var first = body(copies.get(0));
                told.addAll(first.findValuesAsText("id").stream()
                        .filter(id -> id.startsWith("01ARZ3NDEKTSV4RRFFQ69G5A"))
                        .distinct()
                        .toList());
                for (int i = 1; i < copies.size(); i++) {
                    var copy = body(copies.get(i));
                    assertThat(copy.at("/attempt").asInt()).isGreaterThan(i);
                    assertThat(copy.at("/alerts")).isEqualTo(first.at("/alerts"));
                }
            }
            assertThat(kills).isGreaterThan(5);
            assertThat(told).doesNotHaveDuplicates().hasSize(60);
            for (int i = 1; i < times.size(); i++) {
                assertThat(Duration.between(times.get(i - 1), times.get(i))).isGreaterThanOrEqualTo(Courier.BETWEEN);
            }
            assertThat(channels.get(ops).waiting()).isZero();
            channels.delete(ANNA, ops);
        }
    }

    @Test
    void while_nothing_can_be_stored_nothing_is_sent_and_a_result_is_stored_later() throws Exception {
        db.close();
        var faults = new FaultyConnections();
        db = faults.open(directory, clock);
        wire();
        var ops = channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING), alert(2, Severity.WARNING));
        network = call -> {
            faults.fail(SQLiteErrorCode.SQLITE_IOERR); // from here on
            return SendResult.delivered("HTTP status 200");
        };
        courier.check();
        run(Duration.ofMinutes(2));
        assertThat(sent).hasSize(1);

        faults.mend();
        db.probe();
        network = call -> SendResult.delivered("HTTP status 200");
        run(Duration.ofMinutes(2));

        assertThat(sent).hasSize(1);
        assertThat(deliveries(ops)).extracting(Delivery::state).containsExactly("delivered");
    }
}
