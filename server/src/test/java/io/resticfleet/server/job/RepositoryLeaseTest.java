package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.OpenJobs;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two hosts at one repository: web backs up, and db is to prune. */
class RepositoryLeaseTest {

    /** Less than the silence after which a connection is closed. */
    private static final Duration STEP = Duration.ofSeconds(30);

    private static final Duration LEASE = JobLeases.LENGTH.plus(STEP);

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private EnrolledAgent db;
    private final List<ToAgent> dbReceived = new ArrayList<>();
    private final List<ToAgent> webReceived = new ArrayList<>();
    private AgentClient webAgent;
    private AgentClient dbAgent;
    private String nightly;
    private String backup;

    @BeforeEach
    void startBackup() throws Exception {
        web = server.enrol("web");
        db = server.enrol("db");
        nightly = web.addSchedule(NIGHTLY);
        webAgent = web.connectInSync();
        dbAgent = db.connectInSync();
        dbAgent.sendAndDrain(reports.ended(1, SampleReports.id(8), JobKind.INIT));
        backup = server.api()
                .post("/api/hosts/" + web.hostId() + "/schedules/" + nightly + "/run", "")
                .at("/job_id");
        webAgent.receive(ToAgent.CommandRun.class);
        webAgent.sendAndDrain(reports.started(backup, nightly));
    }

    @Test
    void a_running_backup_is_waited_for_while_its_connection_is_lost_for_a_short_time() throws Exception {
        webAgent.abort();
        web.awaitStatus("offline");

        var prune = prune();

        assertThat(sentToDb()).isEmpty();
        webAgent = web.connectInSync(backup);
        assertThat(sentToDb()).isEmpty();
        webAgent.sendAndDrain(reports.finished(2, backup, nightly));
        assertThat(sentToDb()).containsExactly(prune);
    }

    @Test
    void a_host_that_does_not_come_back_is_waited_for_until_its_lease_ends() throws Exception {
        webAgent.abort();
        web.awaitStatus("offline");
        var prune = prune();

        pass(STEP, Optional.empty());
        assertThat(sentToDb()).isEmpty();

        pass(LEASE, Optional.empty());
        assertThat(sentToDb()).containsExactly(prune);
        assertThat(job(backup).at("/status")).isEqualTo("running");
    }

    @Test
    void a_backup_that_its_agent_lists_is_waited_for_as_long_as_it_takes() throws Exception {
        prune();

        pass(LEASE.multipliedBy(2), Optional.of(jobs(List.of(backup), List.of())));

        assertThat(sentToDb()).isEmpty();
        assertThat(queue(0, "state")).isEqualTo("running");
        assertThat(queue(0, "lease_until"))
                .isBetween(server.now().toString(), server.now().plus(LEASE).toString());
    }

    @Test
    void a_backup_that_an_older_agent_does_not_list_is_waited_for_while_it_is_connected() throws Exception {
        prune();

        pass(
                LEASE.multipliedBy(2),
                Optional.of(new ToServer.Heartbeat(server.now(), Optional.empty(), Optional.empty())));

        assertThat(sentToDb()).isEmpty();
        assertThat(job(backup).at("/status")).isEqualTo("running");
    }

    @Test
    void a_job_that_its_connected_agent_does_not_have_ends_and_is_no_longer_waited_for() throws Exception {
        var prune = prune();

        pass(LEASE, Optional.of(jobs(List.of(), List.of())));

        assertThat(sentToDb()).containsExactly(prune);
        assertThat(job(backup).at("/status")).isEqualTo("interrupted");
        assertThat(job(backup).at("/error")).contains("the agent no longer knows this job");
        webAgent.sendAndDrain(reports.finished(2, backup, nightly));
        assertThat(job(backup).at("/status")).isEqualTo("succeeded");
    }

    @Test
    void a_job_whose_result_is_on_its_way_is_no_longer_waited_for_and_does_not_end_without_it() throws Exception {
        var prune = prune();

        pass(LEASE, Optional.of(jobs(List.of(), List.of(backup))));

        assertThat(sentToDb()).containsExactly(prune);
        assertThat(job(backup).at("/status")).isEqualTo("running");
    }

    @Test
    void a_job_that_did_not_reach_its_agent_is_sent_again() throws Exception {
        webAgent.sendAndDrain(reports.finished(2, backup, nightly));
        var check = once(web, "check");
        webAgent.receive(ToAgent.CommandRun.class);

        pass(LEASE, Optional.of(jobs(List.of(), List.of())));

        webReceived.addAll(webAgent.drain());
        assertThat(ids(webReceived)).containsExactly(check);
    }

    @Test
    void after_a_restart_of_the_server_each_job_has_one_lease() throws Exception {
        server.stop();
        server.start();
        dbAgent = db.connectInSync();
        var prune = prune();
        assertThat(sentToDb()).isEmpty();

        pass(LEASE, Optional.empty());

        assertThat(sentToDb()).containsExactly(prune);
    }

    @Test
    void the_queue_shows_who_waits_for_whom_and_since_when() throws Exception {
        var prune = prune();
        var since = server.now();
        server.clock().advance(Duration.ofMinutes(10));
        var check = once(db, "check");

        assertThat(queue(0, "job_id")).isEqualTo(backup);
        assertThat(queue(0, "host/name")).isEqualTo("web");
        assertThat(queue(0, "waits_for")).isEqualTo("null");
        assertThat(queue(1, "job_id")).isEqualTo(prune);
        assertThat(queue(1, "state")).isEqualTo("waiting");
        assertThat(queue(1, "exclusive")).isEqualTo("true");
        assertThat(queue(1, "since")).isEqualTo(since.toString());
        assertThat(queue(1, "waits_for/job_id")).isEqualTo(backup);
        assertThat(queue(1, "waits_for/host/name")).isEqualTo("web");
        assertThat(queue(1, "waits_for/kind")).isEqualTo("backup");
        assertThat(queue(1, "lease_until")).isEqualTo("null");
        assertThat(queue(2, "job_id")).isEqualTo(check);
        assertThat(job(prune).at("/waits_for_job_id")).isEqualTo(backup);
        assertThat(job(prune).at("/waiting_since")).isEqualTo(since.toString());

        webAgent.sendAndDrain(
                reports.finished(2, backup, Optional.of(nightly), Optional.empty(), JobStatus.FAILED, ""));

        assertThat(queue(0, "job_id")).isEqualTo(prune);
        assertThat(queue(0, "state")).isEqualTo("sent");
        assertThat(job(prune).at("/waiting_since")).isEqualTo("null");
    }

    /**
     * Lets time pass for both agents.
     *
     * @param ofWeb what web sends meanwhile; absent if it is not connected
     */
    private void pass(Duration time, Optional<ToServer.Heartbeat> ofWeb) throws Exception {
        for (var passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(STEP)) {
            server.clock().skip(STEP);
            dbReceived.addAll(
                    dbAgent.sendAndDrain(new ToServer.Heartbeat(server.now(), Optional.empty(), Optional.empty())));
            if (ofWeb.isPresent()) {
                webReceived.addAll(webAgent.sendAndDrain(ofWeb.get()));
            }
        }
        server.maintenance().checkJobs();
    }

    /** Ids of the jobs that db was sent. */
    private List<String> sentToDb() throws Exception {
        dbReceived.addAll(dbAgent.drain());
        return ids(dbReceived);
    }

    private static List<String> ids(List<ToAgent> messages) {
        return messages.stream()
                .filter(ToAgent.CommandRun.class::isInstance)
                .map(message -> ((ToAgent.CommandRun) message).jobId().value())
                .toList();
    }

    private ToServer.Heartbeat jobs(List<String> notEnded, List<String> unreported) {
        return new ToServer.Heartbeat(
                server.now(),
                Optional.of(new OpenJobs(
                        notEnded.stream().map(JobId::new).toList(),
                        unreported.stream().map(JobId::new).toList())),
                Optional.empty());
    }

    private String prune() throws Exception {
        return once(db, "prune");
    }

    private String once(EnrolledAgent machine, String kind) throws Exception {
        return server.api()
                .post("/api/hosts/" + machine.hostId() + "/jobs", Map.of("kind", kind))
                .at("/job_id");
    }

    private ApiResponse job(String id) throws Exception {
        return server.api().get("/api/jobs/" + id);
    }

    private String queue(int item, String field) throws Exception {
        var repository = server.api().get("/api/repositories").at("/items/0/id");
        return server.api().get("/api/repositories/" + repository + "/queue").at("/items/" + item + "/" + field);
    }
}
