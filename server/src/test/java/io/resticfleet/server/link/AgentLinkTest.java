package io.resticfleet.server.link;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, and what becomes of a connection. */
class AgentLinkTest {

    /** A million characters. */
    private static final String PART = "x".repeat(1_000_000);

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
    }

    @Test
    void an_agent_that_proves_its_key_is_welcome_and_shown_online() throws Exception {
        assertThat(host("status")).isEqualTo("never_seen");

        var agent = server.dial();
        var challenge = agent.receive(ToAgent.Challenge.class);
        agent.send(web.sign(web.hello(0, server.now().plusSeconds(7)), challenge.nonce()));

        var welcome = agent.receive(ToAgent.Welcome.class);
        assertThat(welcome.heartbeatSeconds()).isPositive();
        assertThat(welcome.serverTime()).isEqualTo(server.now());
        agent.drain();
        assertThat(host("status")).isEqualTo("online");
        assertThat(host("restic_version")).isEqualTo("0.18.0");
        assertThat(host("clock_skew_ms")).isEqualTo("7000");
        assertThat(host("last_seen_at")).isEqualTo("2026-03-01T12:00:00Z");

        server.clock().advance(Duration.ofSeconds(60));
        agent.abort();
        eventually(() -> assertThat(host("status")).isEqualTo("offline"));
        eventually(() -> assertThat(host("last_seen_at")).isEqualTo("2026-03-01T12:01:00Z"));
    }

    @Test
    void each_challenge_is_new() throws Exception {
        var first = server.dial().receive(ToAgent.Challenge.class);
        var second = server.dial().receive(ToAgent.Challenge.class);

        assertThat(first.nonce()).hasSizeGreaterThanOrEqualTo(43).isNotEqualTo(second.nonce());
    }

    @Test
    void the_largest_unfinished_message_is_dropped_when_all_together_are_too_much() throws Exception {
        var hoarder = web.connectInSync();
        hoarder.sendPart(PART.repeat(15));
        var db = server.enrol("db").connectInSync();

        db.sendText("{\"type\":\"nonsense\",\"text\":\"" + PART.repeat(9) + "\"}");

        assertThat(db.receive(ToAgent.Error.class).detail()).contains("'nonsense' is not known");
        assertThat(hoarder.closeCode()).isEqualTo(1013);
        assertThat(web.connectInSync().drain()).isEmpty();
    }

    @Test
    void connections_without_a_hello_cannot_use_up_what_agents_may_send() throws Exception {
        var agent = web.connectInSync();
        for (int connection = 0; connection < 450; connection++) {
            server.dial().sendPart("x".repeat(64_000));
        }

        agent.sendText("{\"type\":\"nonsense\",\"text\":\"" + PART + "\"}");

        assertThat(agent.receive(ToAgent.Error.class).detail()).contains("'nonsense' is not known");
    }

    @Test
    void what_displaced_connections_had_received_is_dropped_at_once() throws Exception {
        for (int connection = 0; connection < 5; connection++) {
            web.connectInSync().sendPart(PART.repeat(15));
        }
        var last = web.connectInSync();

        last.sendText("{\"type\":\"nonsense\",\"text\":\"" + PART.repeat(15) + "\"}");

        assertThat(last.receive(ToAgent.Error.class).detail()).contains("'nonsense' is not known");
    }

    @Test
    void a_message_can_arrive_in_any_number_of_parts() throws Exception {
        var agent = web.connectInSync();
        agent.sendPart("{\"type\":\"");
        for (int part = 0; part < 50_000; part++) {
            agent.sendPart("x");
        }
        agent.sendText("\"}");

        assertThat(agent.receive(ToAgent.Error.class).detail()).contains("is not known");
    }

    @Test
    void a_signature_by_another_key_is_refused() throws Exception {
        assertThat(refusal(web.withOtherKey())).isEqualTo("bad_signature");
        var db = server.enrol("db");
        assertThat(refusal(db.posingAs(web.hostId()))).isEqualTo("bad_signature");
        assertThat(host("status")).isEqualTo("never_seen");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "not base64 !"})
    void what_is_no_signature_at_all_is_refused(String signature) throws Exception {
        var agent = server.dial();
        agent.receive(ToAgent.Challenge.class);
        agent.sendText(io.resticfleet.protocol.Wire.encode(web.hello(0, server.now()))
                .replace("\"signature\":\"\"", "\"signature\":\"" + signature + "\""));

        assertThat(agent.receive(ToAgent.Reject.class).code()).isEqualTo("bad_signature");
    }

    @Test
    void a_hello_that_was_changed_on_its_way_is_refused() throws Exception {
        var agent = server.dial();
        var hello = web.sign(
                web.hello(0, server.now()),
                agent.receive(ToAgent.Challenge.class).nonce());
        agent.sendText(
                io.resticfleet.protocol.Wire.encode(hello).replace("\"schedule_version\":0", "\"schedule_version\":9"));

        assertThat(agent.receive(ToAgent.Reject.class).code()).isEqualTo("bad_signature");
    }

    @Test
    void a_recorded_hello_is_worth_nothing() throws Exception {
        var overheard = server.dial();
        var hello = web.sign(
                web.hello(0, server.now()),
                overheard.receive(ToAgent.Challenge.class).nonce());
        overheard.send(hello);
        overheard.receive(ToAgent.Welcome.class);

        var thief = server.dial();
        thief.receive(ToAgent.Challenge.class);
        thief.send(hello);

        assertThat(thief.receive(ToAgent.Reject.class).code()).isEqualTo("bad_signature");
        assertThat(thief.closeCode()).isEqualTo(1008);
        overheard.drain();
        assertThat(overheard.isClosed()).isFalse();
    }

    @Test
    void a_host_that_is_unknown_or_was_deleted_is_refused_for_good() throws Exception {
        assertThat(refusal(web.posingAs("01KJMMA2G01PT4DS66WCJH58TF"))).isEqualTo("unknown_host");

        var agent = web.connect();
        server.api().delete("/api/hosts/" + web.hostId());

        assertThat(agent.closeCode()).isEqualTo(4001);
        assertThat(refusal(web)).isEqualTo("host_deleted");
        assertThat(refusal(web.withOtherKey())).isEqualTo("unknown_host");
    }

    @Test
    void an_agent_of_an_old_protocol_is_rejected_permanently() throws Exception {
        var agent = server.dial();
        var nonce = agent.receive(ToAgent.Challenge.class).nonce();
        agent.send(web.sign(web.hello(0, 0, server.now()), nonce));

        var reject = agent.receive(ToAgent.Reject.class);
        assertThat(reject.code()).isEqualTo("protocol_too_old");
        assertThat(reject.permanent()).isTrue();
        assertThat(agent.closeCode()).isEqualTo(1008);
    }

    @Test
    void an_agent_of_a_newer_protocol_with_more_fields_is_welcome() throws Exception {
        var agent = server.dial();
        var nonce = agent.receive(ToAgent.Challenge.class).nonce();
        agent.send(web.sign(web.hello(2, 0, server.now()), nonce));

        agent.receive(ToAgent.Welcome.class);
    }

    @Test
    void a_message_before_the_hello_is_refused() throws Exception {
        var agent = server.dial();
        agent.send(new ToServer.Heartbeat(server.now()));

        assertThat(agent.receive(ToAgent.Reject.class).code()).isEqualTo("hello_expected");
        assertThat(agent.closeCode()).isEqualTo(1008);
    }

    @Test
    void a_connection_without_a_hello_is_closed_after_10_s() throws Exception {
        var silent = server.dial();
        silent.receive(ToAgent.Challenge.class);
        var agent = web.connect();

        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(9));
        assertThat(silent.isClosed()).isFalse();
        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(2));

        assertThat(silent.closeCode()).isIn(1006, 1008);
        agent.drain();
        assertThat(agent.isClosed()).isFalse();
    }

    @Test
    void an_agent_that_falls_silent_is_cut_off_within_50_s() throws Exception {
        var agent = web.connectInSync();

        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(35));
        agent.sendAndDrain(new ToServer.Heartbeat(server.now()));
        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(35));
        agent.drain();
        assertThat(agent.isClosed()).isFalse();
        assertThat(host("status")).isEqualTo("online");

        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(41));
        assertThat(agent.closeCode()).isEqualTo(1006);
        eventually(() -> assertThat(host("status")).isEqualTo("offline"));
        // A line that is dead towards the agent alone lets one more message through, 10 s later.
        assertThat(AgentSocket.MAX_DETECTION.plusSeconds(10)).isLessThan(Duration.ofSeconds(60));
    }

    @Test
    void an_agent_that_lives_is_pinged_three_times_before_it_could_take_the_server_for_dead() throws Exception {
        var agent = web.connectInSync();

        for (int pings = 1; pings <= 3; pings++) {
            server.maintenance().checkConnectionsAfter(Duration.ofSeconds(15));
            int so = pings;
            eventually(() -> assertThat(agent.pings()).isEqualTo(so));
            agent.sendAndDrain(new ToServer.Heartbeat(server.now()));
        }
    }

    @Test
    void strangers_that_say_nothing_do_not_keep_agents_out() throws Exception {
        var first = server.dial();
        for (int i = 1; i < 500; i++) {
            server.dial();
        }

        server.clock().skip(Duration.ofSeconds(3));
        var agent = web.connect();

        agent.drain();
        assertThat(host("status")).isEqualTo("online");
        assertThat(first.closeCode()).isEqualTo(1006);
    }

    @Test
    void a_server_that_has_just_started_shows_no_agent_as_offline() throws Exception {
        var db = server.enrol("db");
        web.connectInSync();
        db.connectInSync();
        server.stop();
        server.start();

        assertThat(host("status")).isEqualTo("awaited");
        web.connectInSync().abort();
        eventually(() -> assertThat(host("status")).isEqualTo("offline")); // it was here, so it is away
        server.clock().skip(Duration.ofMinutes(5).minusSeconds(10));
        assertThat(server.api().get("/api/hosts/" + db.hostId()).at("/status")).isEqualTo("awaited");

        server.clock().skip(Duration.ofSeconds(10));
        assertThat(server.api().get("/api/hosts/" + db.hostId()).at("/status")).isEqualTo("offline");
    }

    @Test
    void agents_that_hang_up_right_after_hello_are_not_taken_for_connected() throws Exception {
        for (int i = 0; i < 40; i++) {
            var agent = server.dial();
            agent.send(web.sign(
                    web.hello(0, server.now()),
                    agent.receive(ToAgent.Challenge.class).nonce()));
            agent.abort();
        }

        eventually(() -> assertThat(host("status")).isEqualTo("offline"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "",
                "null",
                "[]",
                "{}",
                "{\"type\":7}",
                "{\"type\":\"no.such\"}",
                "{\"type\":\"schedule.ack\"}",
                "{\"type\":\"schedule.ack\",\"version\":\"new\"}",
                "{\"type\":\"job.finished\",\"job_id\":\"x\"}",
                "{\"type\":\"welcome\",\"server_version\":\"1\",\"heartbeat_seconds\":1}",
            })
    void a_frame_that_cannot_be_read_is_answered_and_the_connection_lives(String frame) throws Exception {
        var agent = web.connectInSync();

        agent.sendText(frame);

        assertThat(agent.receive(ToAgent.Error.class).code()).isEqualTo("unreadable");
        web.addSchedule(NIGHTLY);
        assertThat(agent.receive(ToAgent.ScheduleSet.class).version()).isEqualTo(1);
        agent.sendAndDrain(new ToServer.ScheduleAck(1, Optional.empty()));
        assertThat(host("applied_schedule_version")).isEqualTo("1");
    }

    @Test
    void a_second_hello_is_answered_and_changes_nothing() throws Exception {
        var agent = web.connectInSync();

        agent.send(web.hello(0, server.now()));

        assertThat(agent.receive(ToAgent.Error.class).code()).isEqualTo("said_already");
    }

    @Test
    void the_newest_connection_wins_and_the_one_before_is_closed() throws Exception {
        var first = web.connectInSync();
        var second = web.connectInSync();

        assertThat(first.closeCode()).isEqualTo(4000);
        web.addSchedule(NIGHTLY);
        assertThat(second.receive(ToAgent.ScheduleSet.class).version()).isEqualTo(1);
        assertThat(host("status")).isEqualTo("online");
    }

    @Test
    void a_stranger_cannot_send_much() throws Exception {
        var stranger = server.dial();
        stranger.receive(ToAgent.Challenge.class);
        stranger.sendText("{\"type\":\"hello\",\"hostname\":\"" + "x".repeat(70_000) + "\"}");

        assertThat(stranger.closeCode()).isEqualTo(1009);
    }

    @Test
    void an_agent_can_send_a_long_list_of_snapshots() throws Exception {
        var agent = web.connectInSync();
        var snapshots = IntStream.range(0, 15_000)
                .mapToObj(i -> snapshot("%064x".formatted(i)))
                .toList();

        agent.send(new ToServer.SnapshotsReport(1, server.now(), snapshots));

        assertThat(agent.receive(ToAgent.EventAck.class).sequence()).isEqualTo(1);
        assertThat(server.sql("SELECT total FROM snapshot_lists")).containsExactly("15000");
        assertThat(server.sql("SELECT count(*) FROM snapshots")).containsExactly("15000");
    }

    @Test
    void a_clock_that_is_set_while_its_agent_is_connected_is_noticed_at_a_heartbeat() throws Exception {
        var agent = web.connectInSync();

        server.clock().advance(Duration.ofMinutes(6));

        agent.sendAndDrain(new ToServer.Heartbeat(server.now().plus(Duration.ofMinutes(90))));

        assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/clock_skew_ms"))
                .isEqualTo("5400000");
    }

    @Test
    void a_result_that_cannot_be_kept_is_not_acknowledged_and_is_taken_when_it_comes_again() throws Exception {
        var agent = web.connectInSync();
        server.sql("CREATE TRIGGER full BEFORE INSERT ON snapshot_lists BEGIN SELECT RAISE(ABORT, 'full'); END");
        var report = new ToServer.SnapshotsReport(1, server.now(), List.of(snapshot("a".repeat(64))));

        agent.send(report);

        assertThat(agent.receiveUnlessClosed()).isNotEqualTo(Optional.of(new ToAgent.EventAck(1)));
        assertThat(server.api()
                        .get("/api/hosts/" + web.hostId() + "/snapshots")
                        .json()
                        .path("items"))
                .isEmpty();
        server.sql("DROP TRIGGER full");
        assertThat(web.connectInSync().sendAndDrain(report)).containsExactly(new ToAgent.EventAck(1));
    }

    private String refusal(EnrolledAgent machine) throws Exception {
        AgentClient agent = server.dial();
        agent.send(machine.sign(
                machine.hello(0, server.now()),
                agent.receive(ToAgent.Challenge.class).nonce()));
        var reject = agent.receive(ToAgent.Reject.class);
        assertThat(agent.closeCode()).isEqualTo(1008);
        assertThat(reject.permanent()).isTrue();
        return reject.code();
    }

    private String host(String field) throws Exception {
        return server.api().get("/api/hosts/" + web.hostId()).at("/" + field);
    }

    private static Snapshot snapshot(String id) {
        return new Snapshot(
                id,
                id.substring(0, 8),
                Instant.parse("2026-02-01T00:00:00Z"),
                "web",
                "root",
                List.of("/etc", "/home"),
                List.of("schedule:01KJMMA2G01PT4DS66WCJH58TF"),
                Optional.empty(),
                Optional.empty(),
                Optional.of("restic 0.18.0"),
                Optional.empty(),
                Optional.empty());
    }
}
