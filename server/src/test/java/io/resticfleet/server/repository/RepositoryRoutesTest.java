package io.resticfleet.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ProbeResult;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Repositories as things of their own, through the API. */
class RepositoryRoutesTest {

    private static final String OTHER = "rest:http://offsite:8000/fleet/";

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;
    private String first;

    @BeforeEach
    void enrol() throws Exception {
        web = server.enrol("web");
        first = server.api().get("/api/repositories").at("/items/0/id");
    }

    @Test
    void a_repository_is_shown_with_its_hosts_and_without_its_secrets() throws Exception {
        var shown = server.api().get("/api/repositories/" + first);

        assertThat(shown.at("/url")).isEqualTo(Samples.URL);
        assertThat(shown.at("/backend")).isEqualTo("rest");
        assertThat(shown.at("/hosts/0/name")).isEqualTo("web");
        assertThat(shown.at("/status")).isEqualTo("unknown");
        assertThat(shown.at("/append_only")).isEqualTo("unknown");
        assertThat(shown.at("/snapshot_count")).isEqualTo("0");
        assertThat(shown.text()).doesNotContain(Samples.REPO_PASSWORD, Samples.REST_PASSWORD);
    }

    @Test
    void a_generated_password_is_shown_once() throws Exception {
        var made = server.api().post("/api/repositories", Map.of("name", "off site", "url", OTHER));

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.at("/repo_password")).hasSizeGreaterThan(20);
        assertThat(server.api().get("/api/repositories/" + made.at("/id")).text())
                .doesNotContain("repo_password");
    }

    @Test
    void a_test_is_a_job_of_a_host_that_uses_the_repository() throws Exception {
        var started = server.api().post("/api/repositories/" + first + "/test", "");

        assertThat(started.status()).isEqualTo(202);
        var job = server.api().get("/api/jobs/" + started.at("/job_id"));
        assertThat(job.at("/kind")).isEqualTo("probe");
        assertThat(job.at("/host_id")).isEqualTo(web.hostId());
        var unused =
                server.api().post("/api/repositories", Map.of("url", OTHER)).at("/id");
        assertThat(server.api()
                        .post("/api/repositories/" + unused + "/test", "")
                        .outcome())
                .isEqualTo("409 repository_unused");
    }

    @Test
    void a_second_repository_at_one_location_is_refused() throws Exception {
        var refused = server.api()
                .post(
                        "/api/repositories",
                        Map.of(
                                "url",
                                Samples.URL
                                        .toUpperCase()
                                        .replace("REST:HTTP", "rest:http")
                                        .replace("FLEET", "fleet")));

        assertThat(refused.outcome()).isEqualTo("409 repository_exists");
    }

    @Test
    void wrong_fields_are_named_as_in_the_request() throws Exception {
        var refused = server.api()
                .post(
                        "/api/repositories",
                        Map.of("url", OTHER, "credentials", Map.of("env", Map.of("LD_PRELOAD", "/tmp/x.so"))));

        assertThat(refused.outcome()).isEqualTo("400 env_not_allowed");
        assertThat(refused.at("/errors/0/field")).isEqualTo("credentials.env.LD_PRELOAD");
        assertThat(server.api().post("/api/repositories", Map.of("name", "x")).at("/errors/0/field"))
                .isEqualTo("url");
    }

    @Test
    void a_host_uses_several_repositories_in_an_order() throws Exception {
        var agent = web.connectInSync();
        var second = add(OTHER);

        use(web, second, Map.of());
        var sent = agent.receive(ToAgent.ConfigUpdate.class);

        assertThat(sent.repositoryId().orElseThrow()).hasToString(first);
        assertThat(sent.repositories().orElseThrow())
                .extracting(one -> one.repository().url().value())
                .containsExactly(Samples.URL, OTHER);

        use(web, second, Map.of("position", 1));
        var reordered = agent.receive(ToAgent.ConfigUpdate.class);

        assertThat(reordered.repository().url()).hasToString(OTHER);
        assertThat(reordered.repositories().orElseThrow()).hasSize(2);
    }

    @Test
    void a_schedule_runs_at_the_repository_that_it_names() throws Exception {
        var second = add(OTHER);
        use(web, second, Map.of());
        var agent = web.connectInSync();
        var schedule = web.addSchedule(
                Map.of("kind", "backup", "manual", true, "paths", List.of("/etc"), "repository_id", second));

        server.api().post("/api/hosts/" + web.hostId() + "/schedules/" + schedule + "/run", Map.of());

        assertThat(agent.receive(ToAgent.CommandRun.class).repositoryId().orElseThrow())
                .hasToString(second);
        assertThat(server.api()
                        .delete("/api/hosts/" + web.hostId() + "/repositories/" + second)
                        .outcome())
                .isEqualTo("409 repository_in_use");
    }

    @Test
    void a_schedule_cannot_name_a_repository_that_its_host_does_not_use() throws Exception {
        var refused = server.api()
                .post(
                        "/api/hosts/" + web.hostId() + "/schedules",
                        Map.of(
                                "kind",
                                "backup",
                                "manual",
                                true,
                                "paths",
                                List.of("/etc"),
                                "repository_id",
                                add(OTHER)));

        assertThat(refused.outcome()).isEqualTo("400 unknown_repository");
        assertThat(refused.at("/errors/0/field")).isEqualTo("repository_id");
    }

    @Test
    void a_repository_with_hosts_is_not_removed() throws Exception {
        var second = add(OTHER);

        assertThat(server.api().delete("/api/repositories/" + first).outcome()).isEqualTo("409 repository_in_use");
        assertThat(server.api().delete("/api/repositories/" + second).status()).isEqualTo(204);
        assertThat(server.sql("SELECT owner FROM secrets")).containsExactly("repositories/" + first);
    }

    @Test
    void changed_access_applies_to_all_hosts_once_one_has_opened_it() throws Exception {
        var db = server.enrol("db");
        var one = web.connectInSync();
        var other = db.connectInSync();

        var pending = server.api()
                .patch(
                        "/api/repositories/" + first,
                        Map.of("credentials", Map.of("username", "new", "password", "pw")));
        var probe = one.receive(ToAgent.CommandRun.class);
        assertThat(pending.at("/pending_job_id")).isEqualTo(probe.jobId().value());
        one.send(ended(probe, JobStatus.SUCCEEDED, new NoResult()));

        for (var agent : List.of(one, other)) {
            assertThat(agent.receive(ToAgent.ConfigUpdate.class).repository().username())
                    .contains("new");
        }
        assertThat(server.api().get("/api/repositories/" + first).at("/pending_job_id"))
                .isEqualTo("null");
    }

    @Test
    void a_test_writes_and_shows_whether_its_hosts_can_remove() throws Exception {
        var agent = web.connectInSync();

        var nobody = server.api().post("/api/repositories/" + first + "/test", Map.of("host_id", "0".repeat(26)));
        var started = server.api().post("/api/repositories/" + first + "/test", Map.of("host_id", web.hostId()));
        var probe = agent.receive(ToAgent.CommandRun.class);
        agent.send(ended(probe, JobStatus.SUCCEEDED, new ProbeResult(1, 0)));
        agent.drain();

        assertThat(nobody.outcome()).isEqualTo("400 unknown_host");
        assertThat(started.status()).isEqualTo(202);
        assertThat(started.at("/job_id")).isEqualTo(probe.jobId().value());
        assertThat(probe.order())
                .isInstanceOfSatisfying(
                        JobSpec.Probe.class, spec -> assertThat(spec.writes()).isTrue());
        var shown = server.api().get("/api/repositories/" + first);
        assertThat(shown.at("/append_only")).isEqualTo("yes");
        assertThat(shown.at("/status")).isEqualTo("ok");
        assertThat(shown.at("/pending_job_id")).isEqualTo("null");
    }

    @Test
    void credentials_of_one_host_stay_its_own() throws Exception {
        var db = server.enrol("db");
        use(db, first + "?force=true", Map.of("credentials", Map.of("username", "db", "password", "own")));

        server.api()
                .patch(
                        "/api/repositories/" + first + "?force=true",
                        Map.of("credentials", Map.of("username", "all", "password", "common")));

        assertThat(db.connect().receive(ToAgent.ConfigUpdate.class).repository().username())
                .contains("db");
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .username())
                .contains("all");
    }

    @Test
    void a_test_uses_the_credentials_of_its_host_and_changes_nothing() throws Exception {
        var db = server.enrol("db");
        use(db, first + "?force=true", Map.of("credentials", Map.of("username", "db", "password", "own")));
        var agent = db.connectInSync();

        server.api().post("/api/repositories/" + first + "/test", Map.of("host_id", db.hostId()));
        var probe = agent.receive(ToAgent.CommandRun.class);
        agent.sendAndDrain(ended(probe, JobStatus.SUCCEEDED, new ProbeResult(1, 1)));

        assertThat(((JobSpec.Probe) probe.order()).candidate().username()).contains("db");
        assertThat(((JobSpec.Probe) probe.order()).writes()).isTrue();
        assertThat(server.api().get("/api/repositories/" + first).at("/append_only"))
                .isEqualTo("no");
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .username())
                .isNotEqualTo(Optional.of("db"));
    }

    @Test
    void credentials_are_not_sent_to_another_server() throws Exception {
        server.api().patch("/api/repositories/" + first + "?force=true", Map.of("url", OTHER));

        var sent = web.connect().receive(ToAgent.ConfigUpdate.class).repository();

        assertThat(sent.url()).hasToString(OTHER);
        assertThat(sent.username()).isEmpty();
        assertThat(sent.repoPassword()).isEqualTo(Samples.REPO_PASSWORD);
    }

    @Test
    void the_maintainers_credentials_are_sent_to_no_host() throws Exception {
        var changed = server.api()
                .patch(
                        "/api/repositories/" + first,
                        Map.of(
                                "maintainer",
                                Map.of(
                                        "host_id",
                                        web.hostId(),
                                        "url",
                                        "rest:http://nas:8001/fleet/",
                                        "credentials",
                                        Map.of("username", "keeper", "password", "may-delete"))));

        assertThat(changed.at("/maintainer_host_id")).isEqualTo(web.hostId());
        assertThat(changed.at("/maintainer_url")).isEqualTo("rest:http://nas:8001/fleet/");
        assertThat(web.connect().drain())
                .noneMatch(message -> message instanceof ToAgent.ConfigUpdate update
                        && update.repositories().orElseThrow().stream()
                                .anyMatch(one -> one.repository().password().equals(Optional.of("may-delete"))));
        assertThat(server.api()
                        .patch("/api/repositories/" + first, Map.of("maintainer", Map.of("host_id", "0".repeat(26))))
                        .outcome())
                .isEqualTo("400 unknown_host");
    }

    @Test
    void a_maintainer_is_not_lost_and_schedules_that_only_it_can_run_are_refused() throws Exception {
        var db = server.enrol("db");
        use(db, first, Map.of());
        var forget =
                Map.of("kind", "forget", "name", "weekly", "cron", "0 5 * * 0", "retention", Map.of("keep_daily", 7));
        var schedule = db.addSchedule(forget);
        var maintained = Map.of("maintainer", Map.of("host_id", web.hostId(), "url", "rest:http://nas:8001/fleet/"));

        var refused = server.api().patch("/api/repositories/" + first, maintained);
        assertThat(refused.outcome()).isEqualTo("409 schedules_of_others");
        assertThat(refused.at("/detail")).contains("weekly of db");
        server.api().delete("/api/hosts/" + db.hostId() + "/schedules/" + schedule);
        assertThat(server.api().patch("/api/repositories/" + first, maintained).status())
                .isEqualTo(200);
        assertThat(server.api()
                        .post("/api/hosts/" + db.hostId() + "/schedules", forget)
                        .outcome())
                .isEqualTo("409 not_maintainer");

        use(web, add(OTHER), Map.of("position", 1));
        assertThat(server.api()
                        .delete("/api/hosts/" + web.hostId() + "/repositories/" + first)
                        .outcome())
                .isEqualTo("409 repository_maintainer");
        var agent = db.connect();
        server.api().delete("/api/hosts/" + web.hostId());
        assertThat(agent.drain().stream()
                        .filter(ToAgent.ConfigUpdate.class::isInstance)
                        .map(ToAgent.ConfigUpdate.class::cast)
                        .reduce((before, last) -> last)
                        .orElseThrow()
                        .whole())
                .isTrue();
        assertThat(server.api().get("/api/repositories/" + first).at("/maintainer_url"))
                .isEqualTo("null");
        assertThat(server.sql("SELECT owner FROM secrets WHERE owner LIKE 'repository_maintainers/%'"))
                .isEmpty();
    }

    @Test
    void a_repository_that_a_schedule_names_stays_when_the_first_one_is_replaced() throws Exception {
        var named = web.addSchedule(Map.of(
                "kind", "backup", "name", "named", "manual", true, "paths", List.of("/etc"), "repository_id", first));
        var moved = Map.of("repository", Samples.repository("rest:http://new:8000/fleet/"));

        server.api().patch("/api/hosts/" + web.hostId() + "?force=true", moved);

        assertThat(server.sql("SELECT url FROM host_repositories ORDER BY position"))
                .containsExactly("rest:http://new:8000/fleet/", Samples.URL);
        var copy = Map.of("kind", "copy", "cron", "0 4 * * *", "options", Map.of("to", first));
        web.addSchedule(copy);
        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + named);
        assertThat(server.api()
                        .delete("/api/hosts/" + web.hostId() + "/repositories/" + first)
                        .at("/detail"))
                .contains("schedule copy uses");
    }

    @Test
    void a_directory_belongs_to_the_first_host_that_uses_it() throws Exception {
        var db = server.enrol("db");
        var local = add("/srv/backup");

        use(web, local, Map.of());

        assertThat(server.api()
                        .put("/api/hosts/" + db.hostId() + "/repositories/" + local, Map.of())
                        .outcome())
                .isEqualTo("409 repository_local");
        assertThat(server.api()
                        .post("/api/enrollment-tokens", Map.of("repository_id", local))
                        .outcome())
                .isEqualTo("409 repository_local");
    }

    private ToServer.JobFinished ended(ToAgent.CommandRun probe, JobStatus status, JobResult result) {
        return new ToServer.JobFinished(
                1,
                probe.jobId(),
                JobKind.PROBE,
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty(),
                Optional.of(server.now()),
                server.now(),
                status,
                Optional.of(0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                result);
    }

    private String add(String url) throws Exception {
        return server.api()
                .post("/api/repositories", Map.of("url", url, "repo_password", Samples.REPO_PASSWORD))
                .at("/id");
    }

    private void use(EnrolledAgent host, String repository, Map<String, ?> body) throws Exception {
        var answer = server.api().put("/api/hosts/" + host.hostId() + "/repositories/" + repository, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
}
