package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Eventually;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How jobs are started, cancelled, and sent again. */
@Tag("slow")
class JobDispatchTest {

    private static final Map<String, Object> MANUAL =
            Map.of("kind", "backup", "manual", true, "paths", List.of("/srv"));
    private static final String RUN = SampleReports.id(1);
    private static final Instant DUE = Instant.parse("2026-03-02T02:30:00Z");

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private String host;
    private String nightly;
    private long ended;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        host = "/api/hosts/" + web.hostId();
        nightly = web.addSchedule(NIGHTLY);
    }

    @Test
    void running_a_schedule_sends_its_job_to_the_agent() throws Exception {
        var agent = web.connectInSync();

        var answer = run(nightly);

        assertThat(answer.outcome()).isEqualTo("202");
        var command = agent.receive(ToAgent.CommandRun.class);
        assertThat(command.jobId().value()).isEqualTo(answer.at("/job_id"));
        assertThat(command.order().kind()).isEqualTo(JobKind.BACKUP);
        assertThat(command.trigger()).isEqualTo(JobTrigger.MANUAL);
        assertThat(command.order().scheduled().orElseThrow().id().value()).isEqualTo(nightly);
        assertThat(command.dueAt()).isEmpty();
        var job = server.api().get("/api/jobs/" + command.jobId());
        assertThat(job.at("/status")).isEqualTo("queued");
        assertThat(job.at("/trigger")).isEqualTo("manual");
        assertThat(job.at("/schedule_id")).isEqualTo(nightly);
        assertThat(job.at("/requested_by")).isEqualTo("anna (token tests)");
        assertThat(server.api().get("/api/audit?limit=1").at("/items/0/action")).isEqualTo("job.run");
    }

    @Test
    void a_refusal_to_run_has_a_reason() throws Exception {
        assertThat(run(nightly).outcome()).isEqualTo("409 host_offline");
        assertThat(server.api().post(host + "/jobs", Map.of("kind", "check")).outcome())
                .isEqualTo("409 host_offline");
        web.connectInSync();
        var disabled = new HashMap<>(NIGHTLY);
        disabled.put("enabled", false);
        server.api().put(host + "/schedules/" + nightly, disabled);

        assertThat(run(nightly).outcome()).isEqualTo("409 schedule_disabled");
        assertThat(run("nope").outcome()).isEqualTo("404 not_found");
        assertThat(server.api().post("/api/hosts/nope/run", "").outcome()).isEqualTo("404 not_found");
        assertThat(server.api().get("/api/jobs").json().path("items")).isEmpty();
    }

    @Test
    void running_a_host_takes_its_only_manual_backup_or_else_its_only_backup() throws Exception {
        var agent = web.connectInSync();
        web.addSchedule(Map.of("kind", "check", "manual", true));
        assertThat(server.api().post(host + "/run", "").outcome()).isEqualTo("202");
        assertThat(picked(agent)).isEqualTo(nightly);

        var second = web.addSchedule(Samples.UNNAMED);
        assertThat(server.api().post(host + "/run", "").outcome()).isEqualTo("409 pick_schedule");

        var manual = web.addSchedule(MANUAL);
        assertThat(server.api().post(host + "/run", "").at("/schedule_id")).isEqualTo(manual);
        assertThat(picked(agent)).isEqualTo(manual);

        web.addSchedule(MANUAL);
        assertThat(server.api().post(host + "/run", "").outcome()).isEqualTo("409 pick_schedule");
        assertThat(second).isNotEqualTo(nightly);
    }

    @Test
    void a_host_without_a_backup_schedule_has_nothing_to_run() throws Exception {
        server.api().delete(host + "/schedules/" + nightly);
        web.connectInSync();

        var answer = server.api().post(host + "/run", "");

        assertThat(answer.outcome()).isEqualTo("409 pick_schedule");
        assertThat(answer.at("/detail")).contains("no enabled backup schedule");
    }

    @Test
    void a_double_click_is_one_job() throws Exception {
        var agent = web.connectInSync();

        var first = run(nightly).at("/job_id");
        var second = run(nightly).at("/job_id");

        assertThat(second).isEqualTo(first);
        assertThat(agent.drain()).hasSize(1);
        agent.sendAndDrain(reports.started(first, nightly));
        assertThat(run(nightly).at("/job_id")).isNotEqualTo(first);
    }

    @Test
    void one_shots_run_without_a_schedule() throws Exception {
        var agent = web.connectInSync();

        for (var kind : List.of("init", "unlock", "check", "prune", "snapshots")) {
            var answer = server.api().post(host + "/jobs", Map.of("kind", kind));
            assertThat(answer.outcome()).isEqualTo("202");
            var command = agent.receive(ToAgent.CommandRun.class);
            assertThat(command.jobId().value()).isEqualTo(answer.at("/job_id"));
            assertThat(command.order().kind().word()).isEqualTo(kind);
            assertThat(command.order().scheduled()).isEmpty();
        }
        var all = server.api().post(host + "/jobs", Map.of("kind", "unlock", "remove_all", true));
        assertThat(all.outcome()).isEqualTo("202");
        assertThat(agent.receive(ToAgent.CommandRun.class).order()).isEqualTo(new JobSpec.Unlock(true));
        assertThat(server.api()
                        .post(host + "/jobs", Map.of("kind", "check", "remove_all", true))
                        .outcome())
                .isEqualTo("400 not_allowed");
        for (var kind : List.of("backup", "forget", "nonsense", "")) {
            assertThat(server.api().post(host + "/jobs", Map.of("kind", kind)).outcome())
                    .isEqualTo("400 invalid_kind");
        }
        assertThat(server.api().post(host + "/jobs", "{}").outcome()).isEqualTo("400 required");
    }

    @Test
    void a_check_by_button_runs_the_only_schedule_of_its_kind_with_hooks() throws Exception {
        web.addSchedule(Map.of("kind", "check", "cron", "0 3 * * 0"));
        addHooked("prune");
        assertThat(orderedCheck()).isEmpty();

        var check = addHooked("check");
        assertThat(orderedCheck()).contains(check);

        addHooked("check");
        assertThat(orderedCheck()).isEmpty();
    }

    private String addHooked(String kind) throws Exception {
        return web.addSchedule(Map.of("kind", kind, "cron", "0 3 * * 0", "hooks", Map.of("pre", "mount-disk")));
    }

    /** Id of the schedule of a check that is requested without one. */
    private Optional<String> orderedCheck() throws Exception {
        var agent = web.connectInSync();
        assertThat(server.api().post(host + "/jobs", Map.of("kind", "check")).outcome())
                .isEqualTo("202");
        var command = agent.receive(ToAgent.CommandRun.class);
        agent.sendAndDrain(reports.ended(++ended, command.jobId().value(), JobKind.CHECK));
        agent.abort();
        web.awaitStatus("offline");
        return command.order().scheduled().map(schedule -> schedule.id().value());
    }

    @Test
    void a_scheduled_run_is_started_under_the_id_that_the_agent_chose() throws Exception {
        var agent = web.connectInSync();

        agent.send(SampleReports.fire(RUN, nightly, DUE, 1));

        var command = agent.receive(ToAgent.CommandRun.class);
        assertThat(command.jobId().value()).isEqualTo(RUN);
        assertThat(command.trigger()).isEqualTo(JobTrigger.CRON);
        assertThat(command.dueAt()).hasValue(DUE);
        var job = server.api().get("/api/jobs/" + RUN);
        assertThat(job.at("/trigger")).isEqualTo("cron");
        assertThat(job.at("/due_at")).isEqualTo("2026-03-02T02:30:00Z");
    }

    @Test
    void a_scheduled_run_reported_twice_is_one_job() throws Exception {
        var agent = web.connectInSync();
        var fire = SampleReports.fire(RUN, nightly, DUE, 1);

        assertThat(agent.sendAndDrain(fire)).hasSize(1);
        assertThat(agent.sendAndDrain(fire)).hasSize(1).hasOnlyElementsOfType(ToAgent.CommandRun.class);

        assertThat(server.sql("SELECT id FROM jobs")).containsExactly(RUN);
        agent.sendAndDrain(reports.finished(1, RUN, nightly));
        assertThat(agent.sendAndDrain(fire)).hasOnlyElementsOfType(ToAgent.CommandRefuse.class);
    }

    @Test
    void a_scheduled_run_that_is_no_longer_wanted_is_refused() throws Exception {
        var agent = web.connectInSync();
        var manual = web.addSchedule(MANUAL);
        var disabled = new HashMap<>(NIGHTLY);
        disabled.put("enabled", false);
        server.api().put(host + "/schedules/" + nightly, disabled);
        agent.drain();

        assertThat(refusal(agent, SampleReports.fire(SampleReports.id(2), nightly, DUE, 1)))
                .contains("disabled");
        assertThat(refusal(agent, SampleReports.fire(SampleReports.id(3), SampleReports.id(9), DUE, 1)))
                .contains("deleted");
        assertThat(refusal(agent, SampleReports.fire(SampleReports.id(4), manual, DUE, 1)))
                .contains("only on request");
        assertThat(server.api().get("/api/jobs").json().path("items")).isEmpty();
    }

    @Test
    void a_host_cannot_fire_the_schedule_or_take_the_id_of_another() throws Exception {
        var agent = web.connectInSync();
        var job = run(nightly).at("/job_id");
        agent.drain();
        var other = server.enrol("db");
        var thief = other.connectInSync();
        var own = other.addSchedule(NIGHTLY);
        thief.drain();

        assertThat(refusal(thief, SampleReports.fire(SampleReports.id(5), nightly, DUE, 1)))
                .contains("deleted");
        assertThat(thief.sendAndDrain(SampleReports.fire(job, own, DUE, 1)))
                .noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(agent.drain()).isEmpty();
        assertThat(server.sql("SELECT sent_at IS NOT NULL FROM jobs")).containsExactly("1");
    }

    @Test
    void a_job_that_was_sent_is_cancelled_by_its_agent() throws Exception {
        var agent = web.connectInSync();
        var job = run(nightly).at("/job_id");
        agent.drain();

        assertThat(server.api().post("/api/jobs/" + job + "/cancel", "").status())
                .isEqualTo(202);

        assertThat(agent.drain()).containsExactly(new ToAgent.CommandCancel(new JobId(job)));
        assertThat(server.api().get("/api/audit?limit=1").at("/items/0/action")).isEqualTo("job.cancel");
        assertThat(server.api().get("/api/jobs/" + job).at("/cancel_requested_by"))
                .isEqualTo("anna (token tests)");
        agent.sendAndDrain(reports.finished(1, job, nightly));
        assertThat(server.api().post("/api/jobs/" + job + "/cancel", "").outcome())
                .isEqualTo("409 job_ended");
        assertThat(server.api().post("/api/jobs/nope/cancel", "").outcome()).isEqualTo("404 not_found");
    }

    @Test
    void a_job_whose_agent_is_away_cannot_be_cancelled() throws Exception {
        var agent = web.connectInSync();
        var job = run(nightly).at("/job_id");
        agent.abort();
        Eventually.eventually(
                () -> assertThat(server.api().get(host).at("/status")).isEqualTo("offline"));

        assertThat(server.api().post("/api/jobs/" + job + "/cancel", "").outcome())
                .isEqualTo("409 host_offline");
    }

    @Test
    void a_job_that_did_not_arrive_is_sent_again() throws Exception {
        var agent = web.connectInSync();
        var job = run(nightly).at("/job_id");
        agent.abort();

        var back = web.connect();

        assertThat(back.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(job);
    }

    @Test
    void a_job_that_did_not_arrive_is_sent_again_also_after_its_repository_moved() throws Exception {
        var agent = web.connectInSync();
        var job = run(nightly).at("/job_id");
        agent.abort();
        server.api().patch(host + "?force=true", Map.of("repository", Map.of("url", "rest:http://nas:8000/moved/")));

        var back = web.connect();

        assertThat(back.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(job);
    }

    @Test
    void jobs_that_the_agent_holds_are_left_alone() throws Exception {
        var agent = web.connectInSync();
        var running = run(nightly).at("/job_id");
        agent.sendAndDrain(reports.started(running, nightly));
        var queued = run(nightly).at("/job_id");
        agent.abort();

        var received = web.connect(0, running, queued).drain();

        assertThat(received).noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(server.api().get("/api/jobs/" + running).at("/status")).isEqualTo("running");
        assertThat(server.api().get("/api/jobs/" + queued).at("/status")).isEqualTo("queued");
    }

    @Test
    void a_running_job_that_the_agent_has_lost_is_interrupted() throws Exception {
        var agent = web.connectInSync();
        var running = run(nightly).at("/job_id");
        agent.sendAndDrain(reports.started(running, nightly));
        agent.sendAndDrain(SampleReports.fire(RUN, nightly, DUE, 1));
        agent.abort();

        var received = web.connect().drain();

        assertThat(received).noneMatch(ToAgent.CommandRun.class::isInstance);
        for (var id : List.of(running, RUN)) {
            var job = server.api().get("/api/jobs/" + id);
            assertThat(job.at("/status")).isEqualTo("interrupted");
            assertThat(job.at("/error")).contains("no longer knows");
            assertThat(job.at("/error_code")).isEqualTo("interrupted");
        }
    }

    @Test
    void a_job_survives_a_restart_of_the_server() throws Exception {
        var agent = web.connectInSync();
        var running = run(nightly).at("/job_id");
        agent.sendAndDrain(reports.started(running, nightly));
        server.stop();
        server.start();

        var back = web.connect(0, running);
        back.sendAndDrain(reports.finished(2, running, nightly));

        assertThat(server.api().get("/api/jobs/" + running).at("/status")).isEqualTo("succeeded");
    }

    private ApiResponse run(String schedule) throws Exception {
        return server.api().post(host + "/schedules/" + schedule + "/run", "");
    }

    private static String picked(AgentClient agent) throws Exception {
        return agent.receive(ToAgent.CommandRun.class)
                .order()
                .scheduled()
                .orElseThrow()
                .id()
                .value();
    }

    private static String refusal(AgentClient agent, ToServer.ScheduleFire fire) throws Exception {
        var received = agent.sendAndDrain(fire);
        assertThat(received).singleElement().isInstanceOf(ToAgent.CommandRefuse.class);
        assertThat(((ToAgent.CommandRefuse) received.get(0)).jobId()).isEqualTo(fire.runId());
        return ((ToAgent.CommandRefuse) received.get(0)).reason();
    }
}
