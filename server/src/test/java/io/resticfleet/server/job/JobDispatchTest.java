package io.resticfleet.server.job;

import static io.resticfleet.server.TestServer.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Answer;
import io.resticfleet.server.Eventually;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How jobs are started, cancelled, and sent again. */
class JobDispatchTest {

    private static final Map<String, Object> MANUAL =
            Map.of("kind", "backup", "name", "by hand", "manual", true, "paths", List.of("/srv"));
    private static final String RUN = Reports.id(1);
    private static final Instant DUE = Instant.parse("2026-03-02T02:30:00Z");

    @RegisterExtension
    final TestServer server = new TestServer();

    private final Reports reports = new Reports(server);
    private FakeMachine web;
    private String host;
    private String nightly;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        host = "/api/hosts/" + web.hostId();
        nightly = server.schedule(web, NIGHTLY);
    }

    @Test
    void running_a_schedule_sends_its_job_to_the_agent() throws Exception {
        var agent = server.connectQuietly(web);

        var answer = run(nightly);

        assertThat(answer.outcome()).isEqualTo("202");
        var command = agent.hears(ToAgent.CommandRun.class);
        assertThat(command.jobId()).isEqualTo(answer.at("/job_id"));
        assertThat(command.order().kind()).isEqualTo(JobKind.BACKUP);
        assertThat(command.trigger()).isEqualTo(JobTrigger.MANUAL);
        assertThat(command.order().scheduled().orElseThrow().id()).isEqualTo(nightly);
        assertThat(command.dueAt()).isEmpty();
        var job = server.get("/api/jobs/" + command.jobId());
        assertThat(job.at("/status")).isEqualTo("queued");
        assertThat(job.at("/trigger")).isEqualTo("manual");
        assertThat(job.at("/schedule_id")).isEqualTo(nightly);
        assertThat(job.at("/requested_by")).isEqualTo("anna (token tests)");
        assertThat(server.get("/api/audit?limit=1").at("/items/0/action")).isEqualTo("job.run");
    }

    @Test
    void what_cannot_run_now_says_why() throws Exception {
        assertThat(run(nightly).outcome()).isEqualTo("409 host_offline");
        assertThat(server.post(host + "/jobs", Map.of("kind", "check")).outcome())
                .isEqualTo("409 host_offline");
        server.connectQuietly(web);
        var disabled = new HashMap<>(NIGHTLY);
        disabled.put("enabled", false);
        server.put(host + "/schedules/" + nightly, disabled);

        assertThat(run(nightly).outcome()).isEqualTo("409 schedule_disabled");
        assertThat(run("nope").outcome()).isEqualTo("404 not_found");
        assertThat(server.post("/api/hosts/nope/run", "").outcome()).isEqualTo("404 not_found");
        assertThat(server.get("/api/jobs").json().path("items")).isEmpty();
    }

    @Test
    void running_a_host_takes_its_only_manual_backup_or_else_its_only_backup() throws Exception {
        var agent = server.connectQuietly(web);
        server.schedule(web, Map.of("kind", "check", "manual", true));
        assertThat(server.post(host + "/run", "").outcome()).isEqualTo("202");
        assertThat(picked(agent)).isEqualTo(nightly);

        var second = server.schedule(web, NIGHTLY);
        assertThat(server.post(host + "/run", "").outcome()).isEqualTo("409 pick_schedule");

        var manual = server.schedule(web, MANUAL);
        assertThat(server.post(host + "/run", "").outcome()).isEqualTo("202");
        assertThat(picked(agent)).isEqualTo(manual);

        server.schedule(web, MANUAL);
        assertThat(server.post(host + "/run", "").outcome()).isEqualTo("409 pick_schedule");
        assertThat(second).isNotEqualTo(nightly);
    }

    @Test
    void a_host_without_a_backup_schedule_has_nothing_to_run() throws Exception {
        server.delete(host + "/schedules/" + nightly);
        server.connectQuietly(web);

        var answer = server.post(host + "/run", "");

        assertThat(answer.outcome()).isEqualTo("409 pick_schedule");
        assertThat(answer.at("/detail")).contains("no enabled backup schedule");
    }

    @Test
    void a_double_click_is_one_job() throws Exception {
        var agent = server.connectQuietly(web);

        var first = run(nightly).at("/job_id");
        var second = run(nightly).at("/job_id");

        assertThat(second).isEqualTo(first);
        assertThat(agent.hearsUntilNow()).hasSize(1);
        agent.sayAndHear(reports.started(first, nightly));
        assertThat(run(nightly).at("/job_id")).isNotEqualTo(first);
    }

    @Test
    void one_shots_run_without_a_schedule() throws Exception {
        var agent = server.connectQuietly(web);

        for (var kind : List.of("init", "unlock", "check", "prune", "snapshots")) {
            var answer = server.post(host + "/jobs", Map.of("kind", kind));
            assertThat(answer.outcome()).isEqualTo("202");
            var command = agent.hears(ToAgent.CommandRun.class);
            assertThat(command.jobId()).isEqualTo(answer.at("/job_id"));
            assertThat(command.order().kind().word()).isEqualTo(kind);
            assertThat(command.order().scheduled()).isEmpty();
        }
        for (var kind : List.of("backup", "forget", "nonsense", "")) {
            assertThat(server.post(host + "/jobs", Map.of("kind", kind)).outcome())
                    .isEqualTo("400 invalid_kind");
        }
        assertThat(server.post(host + "/jobs", "{}").outcome()).isEqualTo("400 required");
    }

    @Test
    void a_schedule_that_fires_is_told_to_run_under_its_own_id() throws Exception {
        var agent = server.connectQuietly(web);

        agent.say(Reports.fire(RUN, nightly, DUE, 1));

        var command = agent.hears(ToAgent.CommandRun.class);
        assertThat(command.jobId()).isEqualTo(RUN);
        assertThat(command.trigger()).isEqualTo(JobTrigger.CRON);
        assertThat(command.dueAt()).hasValue(DUE);
        var job = server.get("/api/jobs/" + RUN);
        assertThat(job.at("/trigger")).isEqualTo("cron");
        assertThat(job.at("/due_at")).isEqualTo("2026-03-02T02:30:00Z");
    }

    @Test
    void the_same_firing_told_twice_is_one_job() throws Exception {
        var agent = server.connectQuietly(web);
        var fire = Reports.fire(RUN, nightly, DUE, 1);

        assertThat(agent.sayAndHear(fire)).hasSize(1);
        assertThat(agent.sayAndHear(fire)).hasSize(1).hasOnlyElementsOfType(ToAgent.CommandRun.class);

        assertThat(server.sql("SELECT id FROM jobs")).containsExactly(RUN);
        agent.sayAndHear(reports.finished(1, RUN, nightly));
        assertThat(agent.sayAndHear(fire)).hasOnlyElementsOfType(ToAgent.CommandRefuse.class);
    }

    @Test
    void a_firing_that_is_no_longer_wanted_is_refused() throws Exception {
        var agent = server.connectQuietly(web);
        var manual = server.schedule(web, MANUAL);
        var disabled = new HashMap<>(NIGHTLY);
        disabled.put("enabled", false);
        server.put(host + "/schedules/" + nightly, disabled);
        agent.hearsUntilNow();

        assertThat(refusal(agent, Reports.fire(Reports.id(2), nightly, DUE, 1))).contains("disabled");
        assertThat(refusal(agent, Reports.fire(Reports.id(3), "deleted", DUE, 1)))
                .contains("deleted");
        assertThat(refusal(agent, Reports.fire(Reports.id(4), manual, DUE, 1))).contains("only on request");
        assertThat(server.get("/api/jobs").json().path("items")).isEmpty();
    }

    @Test
    void a_host_cannot_fire_the_schedule_or_take_the_id_of_another() throws Exception {
        var agent = server.connectQuietly(web);
        var job = run(nightly).at("/job_id");
        agent.hearsUntilNow();
        var other = server.enrol("db");
        var thief = server.connectQuietly(other);
        var own = server.schedule(other, NIGHTLY);
        thief.hearsUntilNow();

        assertThat(refusal(thief, Reports.fire(Reports.id(5), nightly, DUE, 1))).contains("deleted");
        assertThat(thief.sayAndHear(Reports.fire(job, own, DUE, 1))).noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(agent.hearsUntilNow()).isEmpty();
        assertThat(server.sql("SELECT sent_at IS NOT NULL FROM jobs")).containsExactly("1");
    }

    @Test
    void a_job_that_was_sent_is_cancelled_by_its_agent() throws Exception {
        var agent = server.connectQuietly(web);
        var job = run(nightly).at("/job_id");
        agent.hearsUntilNow();

        assertThat(server.post("/api/jobs/" + job + "/cancel", "").status()).isEqualTo(202);

        assertThat(agent.hearsUntilNow()).containsExactly(new ToAgent.CommandCancel(job));
        assertThat(server.get("/api/audit?limit=1").at("/items/0/action")).isEqualTo("job.cancel");
        agent.sayAndHear(reports.finished(1, job, nightly));
        assertThat(server.post("/api/jobs/" + job + "/cancel", "").outcome()).isEqualTo("409 job_ended");
        assertThat(server.post("/api/jobs/nope/cancel", "").outcome()).isEqualTo("404 not_found");
    }

    @Test
    void a_job_whose_agent_is_away_cannot_be_cancelled() throws Exception {
        var agent = server.connectQuietly(web);
        var job = run(nightly).at("/job_id");
        agent.vanish();
        Eventually.eventually(() -> assertThat(server.get(host).at("/status")).isEqualTo("offline"));

        assertThat(server.post("/api/jobs/" + job + "/cancel", "").outcome()).isEqualTo("409 host_offline");
    }

    @Test
    void a_job_that_did_not_arrive_is_sent_again() throws Exception {
        var agent = server.connectQuietly(web);
        var job = run(nightly).at("/job_id");
        agent.vanish();

        var back = server.connect(web);

        assertThat(back.hears(ToAgent.CommandRun.class).jobId()).isEqualTo(job);
    }

    @Test
    void a_job_that_did_not_arrive_is_sent_again_also_after_its_repository_moved() throws Exception {
        var agent = server.connectQuietly(web);
        var job = run(nightly).at("/job_id");
        agent.vanish();
        server.patch(host, Map.of("repository", Map.of("url", "rest:http://nas:8000/moved/")));

        var back = server.connect(web);

        assertThat(back.hears(ToAgent.CommandRun.class).jobId()).isEqualTo(job);
    }

    @Test
    void jobs_that_the_agent_holds_are_left_alone() throws Exception {
        var agent = server.connectQuietly(web);
        var running = run(nightly).at("/job_id");
        agent.sayAndHear(reports.started(running, nightly));
        var queued = run(nightly).at("/job_id");
        agent.vanish();

        var heard = server.connect(web, 0, running, queued).hearsUntilNow();

        assertThat(heard).noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(server.get("/api/jobs/" + running).at("/status")).isEqualTo("running");
        assertThat(server.get("/api/jobs/" + queued).at("/status")).isEqualTo("queued");
    }

    @Test
    void a_running_job_that_the_agent_has_lost_is_interrupted() throws Exception {
        var agent = server.connectQuietly(web);
        var running = run(nightly).at("/job_id");
        agent.sayAndHear(reports.started(running, nightly));
        agent.sayAndHear(Reports.fire(RUN, nightly, DUE, 1));
        agent.vanish();

        var heard = server.connect(web).hearsUntilNow();

        assertThat(heard).noneMatch(ToAgent.CommandRun.class::isInstance);
        for (var id : List.of(running, RUN)) {
            var job = server.get("/api/jobs/" + id);
            assertThat(job.at("/status")).isEqualTo("interrupted");
            assertThat(job.at("/error")).contains("no longer knows");
            assertThat(job.at("/error_code")).isEqualTo("interrupted");
        }
    }

    @Test
    void a_job_survives_a_restart_of_the_server() throws Exception {
        var agent = server.connectQuietly(web);
        var running = run(nightly).at("/job_id");
        agent.sayAndHear(reports.started(running, nightly));
        server.stop();
        server.start();

        var back = server.connect(web, 0, running);
        back.sayAndHear(reports.finished(2, running, nightly));

        assertThat(server.get("/api/jobs/" + running).at("/status")).isEqualTo("succeeded");
    }

    private Answer run(String schedule) throws Exception {
        return server.post(host + "/schedules/" + schedule + "/run", "");
    }

    private static String picked(FakeAgent agent) throws Exception {
        return agent.hears(ToAgent.CommandRun.class)
                .order()
                .scheduled()
                .orElseThrow()
                .id();
    }

    private static String refusal(FakeAgent agent, ToServer.ScheduleFire fire) throws Exception {
        var heard = agent.sayAndHear(fire);
        assertThat(heard).singleElement().isInstanceOf(ToAgent.CommandRefuse.class);
        assertThat(((ToAgent.CommandRefuse) heard.get(0)).jobId()).isEqualTo(fire.runId());
        return ((ToAgent.CommandRefuse) heard.get(0)).reason();
    }
}
