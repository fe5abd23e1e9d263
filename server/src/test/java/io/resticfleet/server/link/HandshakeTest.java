package io.resticfleet.server.link;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in: the hello of an agent, and what is sent in place of one. */
class HandshakeTest {

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
        agent.send(new ToServer.Heartbeat(server.now(), Optional.empty(), Optional.empty()));

        assertThat(agent.receive(ToAgent.Reject.class).code()).isEqualTo("hello_expected");
        assertThat(agent.closeCode()).isEqualTo(1008);
    }

    @Test
    void a_second_hello_is_answered_and_changes_nothing() throws Exception {
        var agent = web.connectInSync();

        agent.send(web.hello(0, server.now()));

        assertThat(agent.receive(ToAgent.Error.class).code()).isEqualTo("said_already");
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
}
