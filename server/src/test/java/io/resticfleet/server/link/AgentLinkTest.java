package io.resticfleet.server.link;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the connection of an agent that was let in. */
class AgentLinkTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
    }

    @Test
    void an_agent_that_falls_silent_is_cut_off_within_50_s() throws Exception {
        var agent = web.connectInSync();

        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(35));
        agent.sendAndDrain(new ToServer.Heartbeat(server.now(), Optional.empty(), Optional.empty()));
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
            agent.sendAndDrain(new ToServer.Heartbeat(server.now(), Optional.empty(), Optional.empty()));
        }
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
    void the_newest_connection_wins_and_the_one_before_is_closed() throws Exception {
        var first = web.connectInSync();
        var second = web.connectInSync();

        assertThat(first.closeCode()).isEqualTo(4000);
        web.addSchedule(NIGHTLY);
        assertThat(second.receive(ToAgent.ScheduleSet.class).version()).isEqualTo(1);
        assertThat(host("status")).isEqualTo("online");
    }

    @Test
    void a_clock_that_is_set_while_its_agent_is_connected_is_noticed_at_a_heartbeat() throws Exception {
        var agent = web.connectInSync();

        server.clock().advance(Duration.ofMinutes(6));

        agent.sendAndDrain(
                new ToServer.Heartbeat(server.now().plus(Duration.ofMinutes(90)), Optional.empty(), Optional.empty()));

        assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/clock_skew_ms"))
                .isEqualTo("5400000");
    }

    @Test
    void a_result_that_cannot_be_kept_is_not_acknowledged_and_is_taken_when_it_comes_again() throws Exception {
        var agent = web.connectInSync();
        server.sql("CREATE TRIGGER full BEFORE INSERT ON snapshot_lists BEGIN SELECT RAISE(ABORT, 'full'); END");
        var report = new SampleReports(server).snapshots(1, server.now(), "a".repeat(64));

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

    private String host(String field) throws Exception {
        return server.api().get("/api/hosts/" + web.hostId()).at("/" + field);
    }
}
