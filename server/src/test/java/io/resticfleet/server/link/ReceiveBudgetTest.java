package io.resticfleet.server.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How much agents and strangers can send. */
@Tag("slow")
class ReceiveBudgetTest {

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
    void a_stranger_cannot_send_much() throws Exception {
        var stranger = server.dial();
        stranger.receive(ToAgent.Challenge.class);
        stranger.sendText("{\"type\":\"hello\",\"hostname\":\"" + "x".repeat(70_000) + "\"}");

        assertThat(stranger.closeCode()).isEqualTo(1009);
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
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
