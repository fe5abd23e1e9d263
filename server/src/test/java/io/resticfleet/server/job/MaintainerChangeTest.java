package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two hosts at one repository: web is its maintainer, and db becomes it, while web's jobs have not ended. */
class MaintainerChangeTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private EnrolledAgent db;
    private AgentClient webAgent;
    private AgentClient dbAgent;
    private String repository;

    @BeforeEach
    void maintain() throws Exception {
        web = server.enrol("web");
        db = server.enrol("db");
        repository = server.api().get("/api/repositories").at("/items/0/id");
        webAgent = web.connectInSync();
        dbAgent = db.connectInSync();
        dbAgent.sendAndDrain(reports.ended(1, SampleReports.id(8), JobKind.INIT));
        maintain(web);
        webAgent.drain();
        dbAgent.drain();
    }

    @Test
    void jobs_of_the_old_maintainer_that_wait_are_cancelled_and_keep_nobody_out() throws Exception {
        var schedule = db.addSchedule(NIGHTLY);
        var backup = server.api()
                .post("/api/hosts/" + db.hostId() + "/schedules/" + schedule + "/run", "")
                .at("/job_id");
        dbAgent.drain();
        var prune = prune();
        server.database()
                .change(tx -> tx.execute("INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at,"
                        + " repository_id) VALUES ('" + SampleReports.id(9) + "', '" + web.hostId()
                        + "', 'forget', 'queued', 'auto', 1, '" + repository + "')"));
        assertThat(webAgent.drain()).isEmpty();
        assertThat(job(prune, "waits_for_job_id")).isEqualTo(backup);

        maintain(db);

        for (var id : new String[] {prune, SampleReports.id(9)}) {
            assertThat(job(id, "status")).isEqualTo("cancelled");
            assertThat(job(id, "error")).contains("another machine looks after the repository now");
        }
        assertThat(webAgent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);
        var next = prune();
        dbAgent.sendAndDrain(reports.finished(2, backup, schedule));
        assertThat(job(next, "host_id")).isEqualTo(db.hostId());
        assertThat(granted(dbAgent, next)).contains("of-db");
    }

    @Test
    void a_prune_that_runs_goes_on_and_the_new_maintainer_waits_for_it() throws Exception {
        var prune = prune();
        assertThat(webAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(prune);
        assertThat(granted(webAgent, prune)).contains("of-web");

        maintain(db);
        var next = prune();

        assertThat(job(prune, "status")).isEqualTo("queued");
        assertThat(dbAgent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(job(next, "waits_for_job_id")).isEqualTo(prune);
        assertThat(ask(webAgent, prune).refused().orElseThrow()).contains("another machine looks after repository");
        assertThat(ask(dbAgent, prune).refused().orElseThrow()).contains("knows no such job");
        webAgent.sendAndDrain(reports.ended(2, prune, JobKind.PRUNE));
        assertThat(dbAgent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(next);
        assertThat(granted(dbAgent, next)).contains("of-db");
        assertThat(ask(webAgent, prune).refused()).isPresent();
    }

    @Test
    void a_forget_that_runs_is_no_longer_answered_what_to_remove() throws Exception {
        var schedule = web.addSchedule(
                Map.of("kind", "forget", "manual", true, "name", "by hand", "retention", Map.of("keep_daily", 7)));
        var forget = server.api()
                .post("/api/hosts/" + web.hostId() + "/schedules/" + schedule + "/run", "")
                .at("/job_id");
        assertThat(granted(webAgent, forget)).contains("of-web");
        server.api()
                .put(
                        "/api/hosts/" + web.hostId() + "/schedules/" + schedule,
                        Map.of(
                                "kind",
                                "forget",
                                "manual",
                                true,
                                "enabled",
                                false,
                                "name",
                                "by hand",
                                "retention",
                                Map.of("keep_daily", 7)));
        server.clock().advance(Duration.ofMinutes(1));
        webAgent.sendAndDrain(reports.snapshots(1, server.now(), SampleReports.SNAPSHOT));
        maintain(db);

        webAgent.send(new ToServer.RetentionAsk(new JobId(forget), new RepositoryId(repository), 1));

        var plan = webAgent.receive(ToAgent.RetentionPlan.class);
        assertThat(plan.remove()).isEmpty();
        assertThat(plan.held().orElseThrow()).contains("another machine looks after the repository now");
    }

    private void maintain(EnrolledAgent host) throws Exception {
        var credentials = Map.of("username", "maintainer", "password", "of-" + host.hostname());
        var changed = server.api()
                .patch(
                        "/api/repositories/" + repository,
                        Map.of("maintainer", Map.of("host_id", host.hostId(), "credentials", credentials)));
        assertThat(changed.status()).isEqualTo(200);
    }

    /** A prune by the maintainer. */
    private String prune() throws Exception {
        return server.api()
                .post("/api/repositories/" + repository + "/jobs", Map.of("kind", "prune"))
                .at("/job_id");
    }

    private Optional<String> granted(AgentClient agent, String job) throws Exception {
        return ask(agent, job).repository().flatMap(Repository::password);
    }

    private static ToAgent.CredentialsGrant ask(AgentClient agent, String job) throws Exception {
        agent.drain();
        agent.send(new ToServer.CredentialsAsk(new JobId(job)));
        return agent.receive(ToAgent.CredentialsGrant.class);
    }

    private String job(String id, String field) throws Exception {
        return server.api().get("/api/jobs/" + id).at("/" + field);
    }
}
