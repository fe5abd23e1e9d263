package io.resticfleet.server.link;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine and its clone, which have one identity. */
class CloneDetectorTest {

    private static final String ONE = "instance-one";
    private static final String OTHER = "instance-other";

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
    }

    @Test
    void an_agent_that_comes_back_after_another_has_displaced_it_has_a_twin() throws Exception {
        connect(ONE);
        connect(OTHER);
        assertThat(host("/twins")).isEmpty();

        var notice = connect(ONE).receive(ToAgent.CloneNotice.class);

        assertThat(notice.since()).isEqualTo(server.now());
        assertThat(host("/twins")).hasSize(2);
        assertThat(host("/twins/0/hostname").asText()).isEqualTo("web");
        assertThat(host("/twins/0/boot_id").asText()).isEqualTo("boot-1");
        assertThat(host("/twins/0/address").asText()).isEqualTo("127.0.0.1");
        assertThat(host("/twins/0/since").asText()).isEqualTo("2026-03-01T12:00:00Z");
        server.clock().advance(Duration.ofSeconds(300));
        assertThat(connect(OTHER).receive(ToAgent.CloneNotice.class)).isEqualTo(notice);
        assertThat(connect(ONE).receive(ToAgent.CloneNotice.class)).isEqualTo(notice);
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'host.twins'"))
                .containsExactly("1");
    }

    @Test
    void an_agent_that_restarts_or_reconnects_is_no_clone() throws Exception {
        for (var instance : new String[] {ONE, ONE, OTHER, OTHER, "a third", "a third"}) {
            connect(instance); // those before are still there as far as the server knows, as after a power cut
        }

        assertThat(host("/twins")).isEmpty();
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'host.twins'"))
                .containsExactly("0");
    }

    @Test
    void what_an_agent_said_before_its_end_and_comes_late_is_no_twin() throws Exception {
        connect(ONE);
        var late = server.dial();
        var nonce = late.receive(ToAgent.Challenge.class).nonce();
        connect(OTHER);

        late.send(web.sign(SampleHellos.ofProcess(web.hello(0, server.now()), ONE), nonce));

        late.receive(ToAgent.Welcome.class);
        late.drain();
        assertThat(host("/twins")).isEmpty();
    }

    @Test
    void the_pages_say_what_to_do_until_one_is_gone_for_half_an_hour() throws Exception {
        connect(ONE);
        connect(OTHER);
        connect(ONE).receive(ToAgent.CloneNotice.class);

        assertThat(page("/")).contains("1 machine needs attention").contains("1 cloned");
        assertThat(page("/hosts/" + web.hostId()))
                .contains("Two machines with one identity")
                .contains("web at 127.0.0.1 and web at 127.0.0.1")
                .contains("Enrol one of them again");

        server.maintenance().checkConnectionsAfter(Duration.ofMinutes(29));
        assertThat(host("/twins")).hasSize(2);
        connect(OTHER).receive(ToAgent.CloneNotice.class);
        server.maintenance().checkConnectionsAfter(Duration.ofMinutes(31));
        assertThat(host("/twins")).isEmpty();
        assertThat(page("/hosts/" + web.hostId())).doesNotContain("one identity");
    }

    @Test
    void clones_are_known_after_a_restart_of_the_server() throws Exception {
        connect(ONE);
        connect(OTHER);
        var notice = connect(ONE).receive(ToAgent.CloneNotice.class);

        server.stop();
        server.start();

        assertThat(host("/twins")).hasSize(2);
        assertThat(connect(OTHER).receive(ToAgent.CloneNotice.class)).isEqualTo(notice);
        server.maintenance().checkConnectionsAfter(Duration.ofMinutes(29));
        assertThat(host("/twins")).hasSize(2);
        server.maintenance().checkConnectionsAfter(Duration.ofMinutes(2));
        assertThat(host("/twins")).isEmpty();
        server.stop();
        server.start();
        assertThat(host("/twins")).isEmpty();
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'host.twins'"))
                .containsExactly("1");
    }

    @Test
    void both_deliver_their_results_in_turn() throws Exception {
        var schedule = web.addSchedule(NIGHTLY);
        var reports = new SampleReports(server);
        connect(ONE);
        connect(OTHER);
        var one = connect(ONE);
        one.sendAndDrain(reports.started(1, SampleReports.id(1), Optional.of(schedule), Optional.of(server.now())));

        var other = connect(OTHER);
        assertThat(other.sendAndDrain(reports.finished(
                        1,
                        SampleReports.id(2),
                        Optional.of(schedule),
                        Optional.of(server.now()),
                        JobStatus.FAILED,
                        "")))
                .contains(new ToAgent.EventAck(1));

        assertThat(status(1)).isEqualTo("running"); // no report that it was lost
        assertThat(connect(ONE)
                        .sendAndDrain(reports.finished(
                                2,
                                SampleReports.id(1),
                                Optional.of(schedule),
                                Optional.of(server.now()),
                                JobStatus.SUCCEEDED,
                                SampleReports.SNAPSHOT)))
                .contains(new ToAgent.EventAck(2));
        assertThat(status(1)).isEqualTo("succeeded");
        assertThat(status(2)).isEqualTo("failed");
    }

    @Test
    void a_run_of_one_that_is_gone_for_good_ends_once_it_is_known_that_the_other_is_alone() throws Exception {
        var schedule = web.addSchedule(NIGHTLY);
        var reports = new SampleReports(server);
        connect(ONE);
        connect(OTHER);
        connect(ONE)
                .sendAndDrain(
                        reports.started(1, SampleReports.id(1), Optional.of(schedule), Optional.of(server.now())));
        connect(OTHER);
        server.maintenance().checkConnectionsAfter(Duration.ofMinutes(30).minusSeconds(10));
        var other = connect(OTHER);
        other.receive(ToAgent.CloneNotice.class);
        assertThat(status(1)).isEqualTo("running");

        server.maintenance().checkConnectionsAfter(Duration.ofSeconds(20));
        assertThat(other.closeCode()).isEqualTo(4002);
        connect(OTHER).drain();

        assertThat(status(1)).isEqualTo("interrupted");
    }

    @Test
    void a_run_of_one_outweighs_that_the_other_missed_it() throws Exception {
        var schedule = web.addSchedule(NIGHTLY);
        var reports = new SampleReports(server);
        var due = server.now();
        connect(ONE).sendAndDrain(SampleReports.missed(7, SampleReports.id(1), JobKind.BACKUP, schedule, due, "busy"));
        assertThat(status(1)).isEqualTo("missed");

        connect(OTHER)
                .sendAndDrain(reports.finished(
                        3,
                        SampleReports.id(1),
                        Optional.of(schedule),
                        Optional.of(due),
                        JobStatus.SUCCEEDED,
                        SampleReports.SNAPSHOT));

        assertThat(status(1)).isEqualTo("succeeded");
    }

    @Test
    void runs_of_both_that_have_one_id_are_kept_apart_before_the_twins_are_found_out() throws Exception {
        var schedule = web.addSchedule(NIGHTLY);
        var due = server.now();
        var first = end(schedule, due, JobStatus.SUCCEEDED);
        server.clock().set(due.plusSeconds(1));
        var second = end(schedule, due, JobStatus.FAILED);

        connect(ONE).sendAndDrain(first);
        assertThat(connect(OTHER).sendAndDrain(second)).contains(new ToAgent.EventAck(1));
        for (var again : List.of(second, first, second)) {
            web.connect().sendAndDrain(again);
        }

        var jobs = server.api().get("/api/jobs?host=" + web.hostId()).json().path("items");
        assertThat(jobs).hasSize(2);
        assertThat(jobs.findValuesAsText("status")).containsExactlyInAnyOrder("succeeded", "failed");
        assertThat(status(1)).isEqualTo("succeeded");
    }

    @Test
    void a_clone_that_was_made_during_a_backup_does_not_undo_its_good_end() throws Exception {
        var schedule = web.addSchedule(NIGHTLY);
        var reports = new SampleReports(server);
        connect(ONE).sendAndDrain(reports.finished(1, SampleReports.id(1), schedule));

        connect(OTHER).sendAndDrain(interrupted(reports, schedule));

        assertThat(status(1)).isEqualTo("succeeded");
    }

    private ToServer.JobFinished end(String schedule, Instant due, JobStatus status) {
        return new SampleReports(server)
                .finished(
                        1,
                        SampleReports.id(1),
                        Optional.of(schedule),
                        Optional.of(due),
                        status,
                        SampleReports.SNAPSHOT);
    }

    private static ToServer.JobFinished interrupted(SampleReports reports, String schedule) {
        return reports.finished(
                1, SampleReports.id(1), Optional.of(schedule), Optional.empty(), JobStatus.INTERRUPTED, "");
    }

    /** Connects an agent process of the one identity, and waits until it was greeted. */
    private AgentClient connect(String instance) throws Exception {
        var agent = server.dial();
        agent.send(web.sign(
                SampleHellos.ofProcess(web.hello(0, server.now()), instance),
                agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.ScheduleSet.class);
        return agent;
    }

    private JsonNode host(String pointer) throws Exception {
        return server.api().get("/api/hosts/" + web.hostId()).json().at(pointer);
    }

    private String status(int job) throws Exception {
        return server.api().get("/api/jobs/" + SampleReports.id(job)).at("/status");
    }

    private String page(String path) throws Exception {
        return server.api()
                .request("GET", path, "", "Cookie", "rf_session=" + server.session())
                .text();
    }
}
