package io.resticfleet.server.link;

import static io.resticfleet.server.TestServer.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.Reports;
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

    private FakeMachine web;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
    }

    @Test
    void an_agent_that_comes_back_after_another_has_displaced_it_has_a_twin() throws Exception {
        connect(ONE);
        connect(OTHER);
        assertThat(host("/twins")).isEmpty();

        var notice = connect(ONE).hears(ToAgent.CloneNotice.class);

        assertThat(notice.since()).isEqualTo(server.now);
        assertThat(host("/twins")).hasSize(2);
        assertThat(host("/twins/0/hostname").asText()).isEqualTo("web");
        assertThat(host("/twins/0/boot_id").asText()).isEqualTo("boot-1");
        assertThat(host("/twins/0/address").asText()).isEqualTo("127.0.0.1");
        assertThat(host("/twins/0/since").asText()).isEqualTo("2026-03-01T12:00:00Z");
        server.now = server.now.plusSeconds(300);
        assertThat(connect(OTHER).hears(ToAgent.CloneNotice.class)).isEqualTo(notice);
        assertThat(connect(ONE).hears(ToAgent.CloneNotice.class)).isEqualTo(notice);
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'host.twins'"))
                .containsExactly("1");
    }

    @Test
    void an_agent_that_is_started_anew_or_connects_again_is_no_twin() throws Exception {
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
        var nonce = late.hears(ToAgent.Challenge.class).nonce();
        connect(OTHER);

        late.say(web.sign(FakeMachine.of(web.hello(0, server.now), ONE), nonce));

        late.hears(ToAgent.Welcome.class);
        late.hearsUntilNow();
        assertThat(host("/twins")).isEmpty();
    }

    @Test
    void the_pages_say_what_to_do_until_one_is_gone_for_half_an_hour() throws Exception {
        connect(ONE);
        connect(OTHER);
        connect(ONE).hears(ToAgent.CloneNotice.class);

        assertThat(page("/")).contains("1 machine needs attention").contains("1 cloned");
        assertThat(page("/hosts/" + web.hostId()))
                .contains("Two machines with one identity")
                .contains("web at 127.0.0.1 and web at 127.0.0.1")
                .contains("Enrol one of them again");

        server.checkConnectionsAfter(Duration.ofMinutes(29));
        assertThat(host("/twins")).hasSize(2);
        connect(OTHER).hears(ToAgent.CloneNotice.class);
        server.checkConnectionsAfter(Duration.ofMinutes(31));
        assertThat(host("/twins")).isEmpty();
        assertThat(page("/hosts/" + web.hostId())).doesNotContain("one identity");
    }

    @Test
    void both_deliver_their_results_in_turn() throws Exception {
        var schedule = server.schedule(web, NIGHTLY);
        var reports = new Reports(server);
        connect(ONE);
        connect(OTHER);
        var one = connect(ONE);
        one.sayAndHear(reports.started(1, Reports.id(1), Optional.of(schedule), Optional.of(server.now)));

        var other = connect(OTHER);
        assertThat(other.sayAndHear(reports.finished(
                        1, Reports.id(2), Optional.of(schedule), Optional.of(server.now), JobStatus.FAILED, "")))
                .contains(new ToAgent.EventAck(1));

        assertThat(status(1)).isEqualTo("running"); // nobody says that it was lost
        assertThat(connect(ONE)
                        .sayAndHear(reports.finished(
                                2,
                                Reports.id(1),
                                Optional.of(schedule),
                                Optional.of(server.now),
                                JobStatus.SUCCEEDED,
                                Reports.SNAPSHOT)))
                .contains(new ToAgent.EventAck(2));
        assertThat(status(1)).isEqualTo("succeeded");
        assertThat(status(2)).isEqualTo("failed");
    }

    @Test
    void a_run_of_one_that_is_gone_for_good_ends_once_it_is_known_that_the_other_is_alone() throws Exception {
        var schedule = server.schedule(web, NIGHTLY);
        var reports = new Reports(server);
        connect(ONE);
        connect(OTHER);
        connect(ONE).sayAndHear(reports.started(1, Reports.id(1), Optional.of(schedule), Optional.of(server.now)));
        connect(OTHER);
        server.checkConnectionsAfter(Duration.ofMinutes(30).minusSeconds(10));
        var other = connect(OTHER);
        other.hears(ToAgent.CloneNotice.class);
        assertThat(status(1)).isEqualTo("running");

        server.checkConnectionsAfter(Duration.ofSeconds(20));
        assertThat(other.closedWith()).isEqualTo(4002);
        connect(OTHER).hearsUntilNow();

        assertThat(status(1)).isEqualTo("interrupted");
    }

    @Test
    void a_run_of_one_outweighs_that_the_other_missed_it() throws Exception {
        var schedule = server.schedule(web, NIGHTLY);
        var reports = new Reports(server);
        var due = server.now;
        connect(ONE).sayAndHear(Reports.missed(7, Reports.id(1), JobKind.BACKUP, schedule, due, "busy"));
        assertThat(status(1)).isEqualTo("missed");

        connect(OTHER)
                .sayAndHear(reports.finished(
                        3,
                        Reports.id(1),
                        Optional.of(schedule),
                        Optional.of(due),
                        JobStatus.SUCCEEDED,
                        Reports.SNAPSHOT));

        assertThat(status(1)).isEqualTo("succeeded");
    }

    @Test
    void runs_of_both_that_have_one_id_are_kept_apart_before_the_twins_are_found_out() throws Exception {
        var schedule = server.schedule(web, NIGHTLY);
        var due = server.now;
        var first = end(schedule, due, JobStatus.SUCCEEDED);
        server.now = due.plusSeconds(1);
        var second = end(schedule, due, JobStatus.FAILED);

        connect(ONE).sayAndHear(first);
        assertThat(connect(OTHER).sayAndHear(second)).contains(new ToAgent.EventAck(1));
        for (var again : List.of(second, first, second)) {
            server.connect(web).sayAndHear(again);
        }

        var jobs = server.get("/api/jobs?host=" + web.hostId()).json().path("items");
        assertThat(jobs).hasSize(2);
        assertThat(jobs.findValuesAsText("status")).containsExactlyInAnyOrder("succeeded", "failed");
        assertThat(status(1)).isEqualTo("succeeded");
    }

    @Test
    void a_clone_that_was_made_during_a_backup_does_not_undo_its_good_end() throws Exception {
        var schedule = server.schedule(web, NIGHTLY);
        var reports = new Reports(server);
        connect(ONE).sayAndHear(reports.finished(1, Reports.id(1), schedule));

        connect(OTHER).sayAndHear(interrupted(reports, schedule));

        assertThat(status(1)).isEqualTo("succeeded");
    }

    private ToServer.JobFinished end(String schedule, Instant due, JobStatus status) {
        return new Reports(server)
                .finished(1, Reports.id(1), Optional.of(schedule), Optional.of(due), status, Reports.SNAPSHOT);
    }

    private static ToServer.JobFinished interrupted(Reports reports, String schedule) {
        return reports.finished(1, Reports.id(1), Optional.of(schedule), Optional.empty(), JobStatus.INTERRUPTED, "");
    }

    /** Connects an agent process of the one identity, and waits until it was greeted. */
    private FakeAgent connect(String instance) throws Exception {
        var agent = server.dial();
        agent.say(web.sign(
                FakeMachine.of(web.hello(0, server.now), instance),
                agent.hears(ToAgent.Challenge.class).nonce()));
        agent.hears(ToAgent.ScheduleSet.class);
        return agent;
    }

    private JsonNode host(String pointer) throws Exception {
        return server.get("/api/hosts/" + web.hostId()).json().at(pointer);
    }

    private String status(int job) throws Exception {
        return server.get("/api/jobs/" + Reports.id(job)).at("/status");
    }

    private String page(String path) throws Exception {
        return server.request("GET", path, "", "Cookie", "rf_session=" + server.session())
                .text();
    }
}
