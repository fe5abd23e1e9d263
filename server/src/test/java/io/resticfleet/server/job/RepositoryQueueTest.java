package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two hosts at one repository: prune wants to be alone, backups do not mind each other once the repository is there. */
@Tag("slow")
class RepositoryQueueTest {

    private static final String RUN = SampleReports.id(1);
    private static final Instant DUE = Instant.parse("2026-03-02T02:30:00Z");

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private EnrolledAgent db;
    private AgentClient webAgent;
    private AgentClient dbAgent;
    private String nightly;

    @BeforeEach
    void connect() throws Exception {
        web = server.enrol("web");
        db = server.enrol("db");
        nightly = web.addSchedule(NIGHTLY);
        webAgent = web.connectInSync();
        dbAgent = db.connectInSync();
    }

    @Test
    void backups_of_two_hosts_run_at_the_same_time() throws Exception {
        webAgent.sendAndDrain(reports.finished(1, RUN, nightly));

        backup();
        backupOfDb();

        assertThat(webAgent.drain()).hasOnlyElementsOfType(ToAgent.CommandRun.class);
        assertThat(dbAgent.drain()).hasOnlyElementsOfType(ToAgent.CommandRun.class);
    }

    @Test
    void the_first_at_a_repository_is_alone_until_it_has_found_it_there() throws Exception {
        var first = backup();
        webAgent.sendAndDrain(reports.started(first, nightly));

        var second = backupOfDb();

        assertThat(dbAgent.drain()).isEmpty();
        assertThat(job(second, "waiting_for"))
                .isEqualTo("waits for the backup of host web, the first at the same repository");
        webAgent.send(new ToServer.JobProgress(new JobId(first), 0, 0, 0, 0, 0, 0, Optional.empty(), Optional.empty()));
        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(second);
    }

    @Test
    void the_first_at_a_repository_is_alone_until_it_has_made_it() throws Exception {
        var first = backup();
        webAgent.sendAndDrain(reports.started(first, nightly));
        var second = backupOfDb();
        assertThat(dbAgent.drain()).isEmpty();

        webAgent.send(reports.ended(2, RUN, JobKind.INIT));

        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(second);
        assertThat(job(first, "status")).isEqualTo("running");
    }

    @Test
    void if_the_first_at_a_repository_did_not_reach_it_the_next_is_alone() throws Exception {
        var first = backup();
        var second = backupOfDb();
        assertThat(dbAgent.drain()).isEmpty();

        webAgent.send(reports.finished(1, first, Optional.of(nightly), Optional.empty(), JobStatus.FAILED, ""));

        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(second);
        webAgent.drain();
        var third = backup();
        assertThat(webAgent.drain()).isEmpty();
        assertThat(job(third, "waiting_for")).contains("the first at the same repository");
    }

    @Test
    void two_who_are_asked_to_make_a_repository_make_it_one_after_the_other() throws Exception {
        var first = once(web, "init");
        var second = once(db, "init");
        assertThat(webAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(first);
        assertThat(dbAgent.drain()).isEmpty();

        webAgent.send(reports.ended(1, first, JobKind.INIT));

        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(second);
    }

    @Test
    void a_backup_waits_for_the_prune_of_another_host_and_goes_on_when_it_has_ended() throws Exception {
        var prune = once(db, "prune");
        dbAgent.receive(ToAgent.CommandRun.class);

        var backup = backup();

        assertThat(webAgent.drain()).isEmpty();
        assertThat(job(backup, "waiting_for")).isEqualTo("waits for the prune of host db at the same repository");
        dbAgent.send(reports.ended(1, prune, JobKind.PRUNE));
        assertThat(webAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(backup);
        assertThat(job(backup, "waiting_for")).isEqualTo("null");
    }

    @Test
    void a_prune_waits_for_the_backup_of_another_host() throws Exception {
        var backup = backup();
        webAgent.receive(ToAgent.CommandRun.class);

        var prune = once(db, "prune");

        assertThat(dbAgent.drain()).isEmpty();
        webAgent.send(reports.finished(1, backup, nightly));
        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(prune);
    }

    @Test
    void a_prune_waits_for_a_copy_to_its_repository() throws Exception {
        webAgent.sendAndDrain(reports.finished(1, RUN, nightly));
        var offSite = server.api()
                .post("/api/repositories", Map.of("url", "rest:http://offsite:8000/fleet/"))
                .at("/id");
        server.api().put("/api/hosts/" + web.hostId() + "/repositories/" + offSite, "{}");
        move(db, "rest:http://offsite:8000/fleet/");
        var copies = web.addSchedule(Map.of("kind", "copy", "manual", true, "options", Map.of("to", offSite)));
        webAgent.drain();
        dbAgent.drain();
        var copy = run(web, copies);

        var prune = once(db, "prune");

        assertThat(dbAgent.drain()).isEmpty();
        assertThat(job(prune, "waits_for_job_id")).isEqualTo(copy);
        webAgent.send(reports.ended(2, copy, JobKind.COPY));
        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(prune);
    }

    @Test
    void who_came_first_is_not_overtaken() throws Exception {
        var first = backup();
        webAgent.sendAndDrain(reports.started(first, nightly));
        once(db, "prune");

        var second = backup();

        assertThat(webAgent.drain()).isEmpty();
        assertThat(job(second, "waiting_for")).contains("prune of host db");
        webAgent.sendAndDrain(reports.finished(2, first, nightly));
        assertThat(dbAgent.receive(ToAgent.CommandRun.class).order().kind()).isEqualTo(JobKind.PRUNE);
        assertThat(job(second, "status")).isEqualTo("queued");
    }

    @Test
    void a_scheduled_run_that_has_to_wait_receives_a_hold() throws Exception {
        var prune = once(db, "prune");

        var received = webAgent.sendAndDrain(SampleReports.fire(RUN, nightly, DUE, 1));

        assertThat(received).singleElement().isInstanceOfSatisfying(ToAgent.CommandHold.class, hold -> {
            assertThat(hold.jobId().value()).isEqualTo(RUN);
            assertThat(hold.reason()).contains("prune of host db");
        });
        dbAgent.send(reports.ended(1, prune, JobKind.PRUNE));
        assertThat(webAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(RUN);
    }

    @Test
    void a_host_that_is_deleted_is_no_longer_waited_for() throws Exception {
        once(db, "prune");
        var backup = backup();
        assertThat(webAgent.drain()).isEmpty();

        server.api().delete("/api/hosts/" + db.hostId());
        server.maintenance().checkConnectionsAfter(Duration.ZERO);

        assertThat(webAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(backup);
    }

    @Test
    void a_job_that_waits_can_be_cancelled_at_once_and_makes_way() throws Exception {
        var first = backup();
        webAgent.sendAndDrain(reports.started(first, nightly));
        var prune = once(db, "prune");
        var second = backup();

        var cancelled = server.api().post("/api/jobs/" + prune + "/cancel", "");

        assertThat(cancelled.at("/status")).isEqualTo("cancelled");
        assertThat(cancelled.at("/error")).isEqualTo("cancelled by anna (token tests)");
        assertThat(cancelled.at("/error_code")).isEqualTo("cancelled");
        assertThat(webAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(second);
    }

    @Test
    void a_job_that_waits_for_a_schedule_that_is_deleted_never_begins() throws Exception {
        var prune = once(db, "prune");
        var backup = backup();
        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + nightly);
        webAgent.drain();

        dbAgent.sendAndDrain(reports.ended(1, prune, JobKind.PRUNE));

        assertThat(webAgent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(job(backup, "status")).isEqualTo("cancelled");
        assertThat(job(backup, "error")).contains("deleted");
        assertThat(job(backup, "error_code")).isEqualTo("cancelled");
    }

    @Test
    void a_job_that_waits_for_a_schedule_that_is_disabled_never_begins() throws Exception {
        var prune = once(db, "prune");
        var backup = backup();
        server.api()
                .put(
                        "/api/hosts/" + web.hostId() + "/schedules/" + nightly,
                        Map.of("enabled", false, "manual", true, "paths", List.of("/srv")));
        webAgent.drain();

        dbAgent.sendAndDrain(reports.ended(1, prune, JobKind.PRUNE));

        assertThat(webAgent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(job(backup, "status")).isEqualTo("cancelled");
        assertThat(job(backup, "error")).contains("disabled");
    }

    @Test
    void hosts_with_different_repositories_do_not_wait_for_each_other() throws Exception {
        move(db, "rest:http://nas:8000/other/");
        once(db, "prune");

        backup();

        assertThat(webAgent.drain()).hasOnlyElementsOfType(ToAgent.CommandRun.class);
    }

    @Test
    void a_repository_is_the_same_however_its_url_is_spelt() throws Exception {
        move(db, "rest:http://NAS:8000/fleet");
        once(db, "prune");
        dbAgent.drain();

        var backup = backup();

        assertThat(webAgent.drain()).isEmpty();
        assertThat(job(backup, "waiting_for")).isEqualTo("waits for the prune of host db at the same repository");
    }

    @Test
    void a_directory_of_one_host_is_not_that_of_another() throws Exception {
        for (var machine : List.of(web, db)) {
            move(machine, "/srv/backup");
        }
        webAgent.drain();
        once(db, "prune");

        backup();

        assertThat(webAgent.drain()).hasOnlyElementsOfType(ToAgent.CommandRun.class);
    }

    @Test
    void a_prune_that_a_host_made_up_keeps_nobody_out() throws Exception {
        dbAgent.sendAndDrain(reports.ended(1, SampleReports.id(8), JobKind.INIT));
        webAgent.sendAndDrain(pruneStarted(RUN, Optional.empty(), Optional.empty()));
        webAgent.sendAndDrain(pruneStarted(SampleReports.id(2), Optional.of(nightly), Optional.of(server.now())));

        backupOfDb();

        assertThat(dbAgent.drain()).hasOnlyElementsOfType(ToAgent.CommandRun.class);
    }

    @Test
    void a_prune_that_began_by_its_schedule_without_the_server_keeps_others_out_until_it_ends() throws Exception {
        dbAgent.sendAndDrain(reports.ended(1, SampleReports.id(8), JobKind.INIT));
        var weekly = web.addSchedule(Map.of("kind", "prune", "name", "weekly", "cron", "0 3 * * 0"));
        webAgent.sendAndDrain(pruneStarted(RUN, Optional.of(weekly), Optional.of(server.now())));
        var waiting = backupOfDb();
        assertThat(dbAgent.drain()).isEmpty();

        server.clock().set(server.now().plus(RepositoryQueue.EXCLUSIVE_LEASE.multipliedBy(30)));
        once(db, "snapshots");
        assertThat(dbAgent.drain()).isEmpty();

        webAgent.sendAndDrain(reports.ended(3, RUN, JobKind.PRUNE));
        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(waiting);
    }

    @Test
    void a_prune_of_a_schedule_keeps_others_out_without_a_due_time_and_with_that_of_a_clock_far_ahead()
            throws Exception {
        dbAgent.sendAndDrain(reports.ended(1, SampleReports.id(8), JobKind.INIT));
        var weekly = web.addSchedule(Map.of("kind", "prune", "name", "weekly", "cron", "0 3 * * 0"));
        // by hand, before the database was restored from an older copy
        webAgent.sendAndDrain(pruneStarted(RUN, Optional.of(weekly), Optional.empty()));
        backupOfDb();
        assertThat(dbAgent.drain()).isEmpty();

        var inAMonth = server.now().plus(Duration.ofDays(30));
        webAgent.sendAndDrain(pruneStarted(SampleReports.id(2), Optional.of(weekly), Optional.of(inAMonth)));
        webAgent.sendAndDrain(reports.ended(3, RUN, JobKind.PRUNE));

        assertThat(dbAgent.drain()).isEmpty();
    }

    @Test
    void a_prune_that_its_agent_does_not_start_keeps_others_out_for_a_day_and_again_once_it_has_started()
            throws Exception {
        dbAgent.sendAndDrain(reports.ended(1, SampleReports.id(8), JobKind.INIT));
        var prune = once(web, "prune");
        var waiting = backupOfDb();
        assertThat(dbAgent.drain()).isEmpty();

        server.clock().set(server.now().plus(RepositoryQueue.EXCLUSIVE_LEASE).plusSeconds(1));
        once(db, "snapshots");
        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(waiting);

        dbAgent.drain();
        webAgent.sendAndDrain(pruneStarted(prune, Optional.empty(), Optional.empty()));
        once(db, "check");
        assertThat(dbAgent.drain()).isEmpty();
    }

    @Test
    void a_prune_that_was_cancelled_and_does_not_end_keeps_others_out_for_five_minutes() throws Exception {
        dbAgent.sendAndDrain(reports.ended(1, SampleReports.id(8), JobKind.INIT));
        var prune = once(web, "prune");
        var waiting = backupOfDb();
        server.api().post("/api/jobs/" + prune + "/cancel", "");
        assertThat(dbAgent.drain()).isEmpty();

        server.clock().set(server.now().plus(RepositoryQueue.CANCEL_LEASE).plusSeconds(1));
        once(db, "snapshots");

        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(waiting);
    }

    private ToServer.JobStarted pruneStarted(String job, Optional<String> schedule, Optional<Instant> due) {
        return new ToServer.JobStarted(
                2, new JobId(job), JobKind.PRUNE, JobTrigger.CRON, schedule.map(ScheduleId::new), due, server.now());
    }

    private void move(EnrolledAgent machine, String url) throws Exception {
        server.api().patch("/api/hosts/" + machine.hostId() + "?force=true", Map.of("repository", Map.of("url", url)));
    }

    private String backup() throws Exception {
        return run(web, nightly);
    }

    private String backupOfDb() throws Exception {
        var schedule = db.addSchedule(NIGHTLY);
        dbAgent.receive(ToAgent.ScheduleSet.class);
        return run(db, schedule);
    }

    private String run(EnrolledAgent machine, String schedule) throws Exception {
        return server.api()
                .post("/api/hosts/" + machine.hostId() + "/schedules/" + schedule + "/run", "")
                .at("/job_id");
    }

    private String once(EnrolledAgent machine, String kind) throws Exception {
        return server.api()
                .post("/api/hosts/" + machine.hostId() + "/jobs", Map.of("kind", kind))
                .at("/job_id");
    }

    private String job(String id, String field) throws Exception {
        return server.api().get("/api/jobs/" + id).at("/" + field);
    }
}
