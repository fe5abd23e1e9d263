package io.resticfleet.server.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.alert.AlertEvent.State;
import io.resticfleet.server.alert.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is sent to which channel, when, and in which words. */
class CourierTest extends CourierRig {

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
    void of_a_storm_the_most_severe_is_said_first_whatever_else_began_or_ended() throws Exception {
        channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        var many = new Alert[80];
        for (int n = 0; n < many.length; n++) {
            many[n] = alert(n + 10, Severity.WARNING);
        }
        announce(State.OPEN, alert(2, Severity.CRITICAL));
        announce(State.OPEN, many);
        announce(State.RESOLVED, many);

        run(Duration.ofMinutes(2));

        assertThat(body(1).at("/state").asText()).isEqualTo("open");
        assertThat(body(1).at("/alert/host/name").asText()).isEqualTo("web2");
        assertThat(body(1).at("/alerts"))
                .anyMatch(event -> event.at("/alert/severity").asText().equals("critical"));
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
    void old_deliveries_are_deleted() {
        var ops = channel("ops");
        announce(State.OPEN, alert(1, Severity.WARNING));
        courier.check();
        clock.advance(Duration.ofDays(31));
        courier.expire();

        assertThat(deliveries(ops)).isEmpty();
    }
}
