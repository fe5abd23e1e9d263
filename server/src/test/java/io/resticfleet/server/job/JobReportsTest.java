package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static io.resticfleet.server.Samples.UNNAMED;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Reports of agents about their jobs: late, twice, out of order, and for unknown jobs. */
@Tag("slow")
class JobReportsTest {

    private static final String OWN = SampleReports.id(1);
    private static final Instant DUE = Instant.parse("2026-03-01T02:30:00Z");
    private static final String SHORT = SampleReports.SNAPSHOT.substring(0, 8);

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private AgentClient agent;
    private String nightly;

    @BeforeEach
    void connect() throws Exception {
        web = server.enrol("web");
        nightly = web.addSchedule(NIGHTLY);
        agent = web.connectInSync();
    }

    @Test
    void a_run_that_was_meant_is_accepted_and_sent_with_the_schedules() throws Exception {
        var schedule = "/api/hosts/" + web.hostId() + "/schedules/" + nightly;
        agent.sendAndDrain(reports.partial(1, OWN, nightly, "source_empty"));
        agent.sendAndDrain(reports.partial(2, SampleReports.id(2), nightly, "files_unreadable"));
        agent.drain();

        assertThat(accept(schedule, SampleReports.id(2))).isEqualTo("409 not_acceptable");
        assertThat(accept(schedule, SampleReports.id(3))).isEqualTo("404 not_found");
        assertThat(accept(schedule, "no id")).startsWith("400");
        assertThat(accept("/api/hosts/" + web.hostId() + "/schedules/" + web.addSchedule(UNNAMED), OWN))
                .isEqualTo("404 not_found");
        agent.drain();
        assertThat(accept(schedule, OWN)).isEqualTo("200");

        var set = agent.receive(ToAgent.ScheduleSet.class);
        assertThat(set.version()).isEqualTo(3);
        assertThat(set.acceptedRuns()).contains(List.of(new JobId(OWN)));
        assertThat(server.api().put(schedule, NIGHTLY).status()).isEqualTo(200);
        assertThat(web.connect().receive(ToAgent.ScheduleSet.class).acceptedRuns())
                .contains(List.of(new JobId(OWN)));
        assertThat(server.api().get("/api/audit").text()).contains("schedule.accept", OWN);
    }

    @Test
    void a_run_is_not_accepted_after_a_complete_or_an_accepted_one_or_five_others() throws Exception {
        var schedule = "/api/hosts/" + web.hostId() + "/schedules/" + nightly;
        for (int run = 1; run <= 6; run++) {
            server.clock().advance(Duration.ofDays(1));
            agent.sendAndDrain(reports.partial(run, SampleReports.id(run), nightly, "source_empty"));
        }

        assertThat(accept(schedule, SampleReports.id(1))).isEqualTo("409 superseded");
        assertThat(accept(schedule, SampleReports.id(2))).isEqualTo("200");
        assertThat(accept(schedule, SampleReports.id(5))).isEqualTo("200");
        assertThat(accept(schedule, SampleReports.id(3))).isEqualTo("409 superseded");
        server.clock().advance(Duration.ofDays(1));
        agent.sendAndDrain(reports.partial(7, SampleReports.id(7), nightly, "hooks_refused"));
        assertThat(accept(schedule, SampleReports.id(6))).isEqualTo("409 superseded");
        assertThat(accept(schedule, SampleReports.id(5))).isEqualTo("200"); // again, as after a lost answer
    }

    private String accept(String schedule, String job) throws Exception {
        return server.api().post(schedule + "/accept", Map.of("job_id", job)).outcome();
    }

    @Test
    void a_job_goes_from_queued_to_running_to_succeeded() throws Exception {
        var job = server.api().post("/api/hosts/" + web.hostId() + "/run", "").at("/job_id");
        agent.drain();

        assertThat(agent.sendAndDrain(reports.started(1, job, Optional.of(nightly), Optional.empty())))
                .containsExactly(new ToAgent.EventAck(1));
        assertThat(job(job, "status")).isEqualTo("running");
        assertThat(job(job, "started_at")).isEqualTo("2026-03-01T12:00:00Z");

        agent.sendAndDrain(
                new ToServer.JobProgress(new JobId(job), 0.5, 1, 2, 10, 20, 0, Optional.of(9L), Optional.of("/etc/x")));
        assertThat(server.api().get("/api/jobs/" + job).at("/progress/fraction_done"))
                .isEqualTo("0.5");

        assertThat(agent.sendAndDrain(reports.finished(2, job, nightly))).containsExactly(new ToAgent.EventAck(2));
        var ended = server.api().get("/api/jobs/" + job);
        assertThat(ended.at("/status")).isEqualTo("succeeded");
        assertThat(ended.at("/exit_code")).isEqualTo("0");
        assertThat(ended.at("/snapshot_id")).isEqualTo(SampleReports.SNAPSHOT);
        assertThat(ended.at("/finished_at")).isEqualTo("2026-03-01T12:01:00Z");
        assertThat(ended.at("/stats/snapshots_kept")).isEqualTo("3");
        assertThat(ended.json().path("progress").isNull()).isTrue();
    }

    @Test
    void runs_that_are_new_to_the_server_are_stored_once() throws Exception {
        for (int times = 0; times < 2; times++) {
            agent.send(reports.started(1, OWN, Optional.of(nightly), Optional.of(DUE)));
            agent.send(cronEnd(2, OWN, JobStatus.PARTIAL));
        }
        assertThat(agent.drain()).hasSize(4);

        assertThat(server.sql("SELECT id || status || trigger_word FROM jobs")).containsExactly(OWN + "partialcron");
        assertThat(job(OWN, "due_at")).isEqualTo("2026-03-01T02:30:00Z");
        assertThat(job(OWN, "schedule_id")).isEqualTo(nightly);
        assertThat(job(OWN, "error")).isEqualTo("it did not work");
        assertThat(job(OWN, "error_code")).isEqualTo("unknown");
    }

    @Test
    void a_start_that_comes_after_the_end_does_not_reopen_the_job() throws Exception {
        agent.sendAndDrain(cronEnd(2, OWN, JobStatus.SUCCEEDED));
        agent.sendAndDrain(reports.started(1, OWN, Optional.of(nightly), Optional.of(DUE)));
        agent.sendAndDrain(SampleReports.missed(3, OWN, JobKind.BACKUP, nightly, DUE, "no"));

        assertThat(job(OWN, "status")).isEqualTo("succeeded");
    }

    @Test
    void an_error_of_15_mb_is_cut_and_lists_have_its_beginning_only() throws Exception {
        var end = Wire.encode(cronEnd(2, OWN, JobStatus.FAILED));

        agent.sendText(end.replace("it did not work", "x".repeat(15_000_000)));

        assertThat(agent.drain()).containsExactly(new ToAgent.EventAck(2));
        assertThat(job(OWN, "error")).hasSizeLessThanOrEqualTo(16_384).endsWith(" more characters)");
        assertThat(server.api().get("/api/jobs").at("/items/0/error")).hasSize(501);
        server.sql("UPDATE jobs SET error = 'locked' || char(0) || printf('%.*c', 100000, 'x')");
        assertThat(server.api().get("/api/jobs").at("/items/0/error")).isEqualTo("locked…");
        for (var page : List.of("/", "/jobs", "/jobs/" + OWN, "/hosts/" + web.hostId())) {
            assertThat(server.api().get(page).status()).as(page).isEqualTo(200);
        }
    }

    @Test
    void a_run_that_the_agent_missed_has_its_reason() throws Exception {
        var missed = SampleReports.missed(5, SampleReports.id(9), JobKind.BACKUP, nightly, DUE, "the machine slept");

        assertThat(agent.sendAndDrain(missed)).containsExactly(new ToAgent.EventAck(5));
        agent.sendAndDrain(missed);

        assertThat(server.sql("SELECT status || ': ' || error FROM jobs")).containsExactly("missed: the machine slept");
        assertThat(job(SampleReports.id(9), "error_code")).isEqualTo("null");
    }

    /** As after an agent that crashed after this report, and then could start the run. */
    @Test
    void a_run_takes_the_place_of_the_word_before_it_that_there_would_be_none() throws Exception {
        agent.sendAndDrain(SampleReports.missed(5, OWN, JobKind.BACKUP, nightly, DUE, "busy"));

        agent.sendAndDrain(reports.started(6, OWN, Optional.of(nightly), Optional.of(DUE)));

        assertThat(job(OWN, "status")).isEqualTo("running");
        assertThat(job(OWN, "finished_at")).isEqualTo("null");
        assertThat(server.sql("SELECT repository_url IS NOT NULL FROM jobs WHERE id = '" + OWN + "'"))
                .as("others wait for it at the repository")
                .containsExactly("1");
        assertThat(job(OWN, "error")).isEqualTo("null");
    }

    /** Each instance numbers its own reports. */
    @Test
    void the_end_of_a_run_is_kept_though_a_clone_of_the_machine_has_begun_it_under_the_same_number() throws Exception {
        agent.sendAndDrain(reports.started(6, OWN, Optional.of(nightly), Optional.of(DUE)));

        agent.sendAndDrain(reports.finished(
                6, OWN, Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));

        assertThat(job(OWN, "status")).isEqualTo("succeeded");
        assertThat(job(OWN, "snapshot_id")).isEqualTo(SampleReports.SNAPSHOT);
    }

    @Test
    void an_end_replaces_what_the_server_had_thought() throws Exception {
        agent.sendAndDrain(reports.started(OWN, nightly));
        agent.abort();
        var back = web.connectInSync();
        assertThat(job(OWN, "status")).isEqualTo("interrupted");
        assertThat(job(OWN, "error_code")).isEqualTo("interrupted");

        back.sendAndDrain(cronEnd(2, OWN, JobStatus.FAILED));
        assertThat(job(OWN, "status")).isEqualTo("failed");
        assertThat(job(OWN, "error_code")).isEqualTo("unknown");

        back.sendAndDrain(reports.finished(3, OWN, nightly));
        assertThat(job(OWN, "status")).isEqualTo("succeeded");
        assertThat(job(OWN, "error_code")).isEqualTo("null");
    }

    @Test
    void no_host_can_touch_the_job_of_another() throws Exception {
        agent.sendAndDrain(reports.started(OWN, nightly));
        agent.sendAndDrain(reports.log(OWN, 1, 1));
        var thief = server.enrol("db").connectInSync();

        thief.send(reports.finished(1, OWN, nightly));
        thief.send(SampleReports.missed(2, OWN, JobKind.BACKUP, nightly, DUE, "no"));
        thief.send(new ToServer.JobProgress(new JobId(OWN), 0.9, 1, 2, 10, 20, 0, Optional.empty(), Optional.empty()));
        thief.send(reports.log(OWN, 2, 3));
        assertThat(thief.drain()).hasSize(3);

        assertThat(job(OWN, "status")).isEqualTo("running");
        assertThat(server.api().get("/api/jobs/" + OWN).json().path("progress").isNull())
                .isTrue();
        assertThat(server.api().get("/api/jobs/" + OWN + "/log").text())
                .contains("line 1")
                .doesNotContain("line 2");
    }

    @Test
    void an_end_reported_by_another_host_does_not_hide_the_progress_of_a_job() throws Exception {
        agent.sendAndDrain(reports.started(OWN, nightly));
        agent.sendAndDrain(
                new ToServer.JobProgress(new JobId(OWN), 0.5, 1, 2, 10, 20, 0, Optional.empty(), Optional.empty()));
        var thief = server.enrol("db").connectInSync();

        thief.sendAndDrain(reports.finished(1, OWN, nightly));

        assertThat(server.api().get("/api/jobs/" + OWN).at("/progress/fraction_done"))
                .isEqualTo("0.5");
    }

    @Test
    void what_is_acknowledged_is_committed() throws Exception {
        for (int i = 1; i <= 20; i++) {
            agent.send(reports.finished(i, SampleReports.id(i), nightly));
            agent.receive(ToAgent.EventAck.class);
            assertThat(server.sql("SELECT count(*) FROM jobs WHERE status = 'succeeded'"))
                    .containsExactly(String.valueOf(i));
            agent.send(reports.log(SampleReports.id(i), 1, 3));
            assertThat(agent.receive(ToAgent.LogAck.class))
                    .isEqualTo(new ToAgent.LogAck(new JobId(SampleReports.id(i)), 3));
            assertThat(server.sql("SELECT count(*) FROM job_log")).containsExactly(String.valueOf(i));
        }
    }

    @Test
    void the_last_backup_of_a_host_is_the_one_that_ended_last() throws Exception {
        assertThat(server.api()
                        .get("/api/hosts/" + web.hostId())
                        .json()
                        .path("last_backup")
                        .isNull())
                .isTrue();
        agent.sendAndDrain(reports.finished(1, SampleReports.id(2), nightly));
        server.clock().advance(Duration.ofSeconds(3_600));
        agent.sendAndDrain(
                reports.finished(2, SampleReports.id(3), Optional.of(nightly), Optional.empty(), JobStatus.FAILED, ""));
        agent.sendAndDrain(SampleReports.missed(3, SampleReports.id(4), JobKind.BACKUP, nightly, DUE, "slept"));
        agent.sendAndDrain(reports.ended(4, SampleReports.id(5), JobKind.CHECK));
        server.enrol("db");

        for (var host : List.of(
                server.api().get("/api/hosts/" + web.hostId()).json(),
                server.api().get("/api/hosts").json().at("/items/0"))) {
            assertThat(host.at("/last_backup/job_id").asText()).isEqualTo(SampleReports.id(3));
            assertThat(host.at("/last_backup/status").asText()).isEqualTo("failed");
            assertThat(host.at("/last_backup/finished_at").asText()).isEqualTo("2026-03-01T13:01:00Z");
        }
        assertThat(server.api()
                        .get("/api/hosts")
                        .json()
                        .at("/items/1/last_backup")
                        .isNull())
                .isTrue();
    }

    @Test
    void a_short_snapshot_id_becomes_the_whole_one_and_stays_so() throws Exception {
        var end = reports.finished(1, OWN, Optional.of(nightly), Optional.empty(), JobStatus.SUCCEEDED, SHORT);
        agent.sendAndDrain(end);
        assertThat(job(OWN, "snapshot_id")).isEqualTo(SHORT);

        agent.sendAndDrain(reports.snapshots(2, server.now(), SampleReports.SNAPSHOT, "f".repeat(64)));
        assertThat(job(OWN, "snapshot_id")).isEqualTo(SampleReports.SNAPSHOT);

        agent.sendAndDrain(end);
        assertThat(job(OWN, "snapshot_id")).isEqualTo(SampleReports.SNAPSHOT);
    }

    @Test
    void an_older_list_of_snapshots_never_replaces_a_newer_one() throws Exception {
        var path = "/api/hosts/" + web.hostId() + "/snapshots";
        assertThat(server.api().get(path).text())
                .isEqualTo("{\"refreshed_at\":null,\"items\":[],\"next_cursor\":null}");

        agent.sendAndDrain(reports.snapshots(2, DUE, "a".repeat(64), "b".repeat(64)));
        assertThat(agent.sendAndDrain(reports.snapshots(1, DUE.minusSeconds(1), "c".repeat(64))))
                .containsExactly(new ToAgent.EventAck(1));

        assertThat(server.api().get(path).at("/refreshed_at")).isEqualTo("2026-03-01T02:30:00Z");
        assertThat(server.api().get(path).json().path("items")).hasSize(2);

        agent.sendAndDrain(reports.snapshots(3, DUE.plusSeconds(1)));
        assertThat(server.api().get(path).json().path("items")).isEmpty();
    }

    @Test
    void jobs_are_listed_newest_first_by_page_and_by_what_they_are() throws Exception {
        for (int i = 0; i < 5; i++) {
            agent.sendAndDrain(reports.finished(i, SampleReports.id(i), nightly));
        }
        agent.sendAndDrain(reports.ended(6, SampleReports.id(5), JobKind.CHECK));
        agent.sendAndDrain(reports.started(SampleReports.id(6), nightly));
        var db = server.enrol("db").connectInSync();
        db.sendAndDrain(reports.finished(1, SampleReports.id(7), SampleReports.id(8)));

        assertThat(ids(""))
                .containsExactly(
                        SampleReports.id(7),
                        SampleReports.id(6),
                        SampleReports.id(5),
                        SampleReports.id(4),
                        SampleReports.id(3),
                        SampleReports.id(2),
                        SampleReports.id(1),
                        SampleReports.id(0));
        assertThat(ids("?kind=check")).containsExactly(SampleReports.id(5));
        assertThat(ids("?status=running")).containsExactly(SampleReports.id(6));
        assertThat(ids("?host=" + web.hostId() + "&kind=backup&status=succeeded&limit=2"))
                .containsExactly(SampleReports.id(4), SampleReports.id(3));
        var first = server.api().get("/api/jobs?limit=3");
        assertThat(ids("?limit=5&cursor=" + first.at("/next_cursor")))
                .containsExactly(
                        SampleReports.id(4),
                        SampleReports.id(3),
                        SampleReports.id(2),
                        SampleReports.id(1),
                        SampleReports.id(0));
        assertThat(server.api()
                        .get("/api/jobs?limit=8")
                        .json()
                        .path("next_cursor")
                        .isNull())
                .isTrue();
        assertThat(server.api().get("/api/jobs?kind=nonsense").outcome()).isEqualTo("400 invalid_kind");
        assertThat(server.api().get("/api/jobs?status=nonsense").outcome()).isEqualTo("400 invalid_status");
        for (var limit : List.of("0", "-1", "1001", "x", "9999999999")) {
            assertThat(server.api().get("/api/jobs?limit=" + limit).outcome()).isEqualTo("400 invalid_limit");
        }
    }

    private List<String> ids(String query) throws Exception {
        return StreamSupport.stream(
                        server.api()
                                .get("/api/jobs" + query)
                                .json()
                                .path("items")
                                .spliterator(),
                        false)
                .map(job -> job.path("id").asText())
                .toList();
    }

    private ToServer.JobFinished cronEnd(long sequence, String job, JobStatus status) {
        return reports.finished(sequence, job, Optional.of(nightly), Optional.of(DUE), status, SampleReports.SNAPSHOT);
    }

    private String job(String id, String field) throws Exception {
        return server.api().get("/api/jobs/" + id).at("/" + field);
    }
}
