package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.HandlerType;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.LocksReport;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.protocol.SshAccess;
import io.resticfleet.protocol.SshHostKey;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.page.SampleFleet;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.web.OpenApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The API's description matches the code. */
@Tag("slow")
class OpenApiTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path elsewhere;

    @Test
    void every_route_is_described_with_who_may_call_it() throws Exception {
        var document = server.api().get("/api/openapi.json").json();

        for (var route : server.app().routes()) {
            if (!route.summary().isEmpty() && route.method() != HandlerType.WEBSOCKET_BEFORE_UPGRADE) {
                var operation = document.path("paths")
                        .path(route.path())
                        .path(route.method().name().toLowerCase(Locale.ROOT));
                assertThat(operation.path("summary").asText())
                        .as("%s %s", route.method(), route.path())
                        .isNotEmpty();
                assertThat(operation.has("security"))
                        .as("%s %s", route.method(), route.path())
                        .isEqualTo(route.access().name().startsWith("USER"));
            }
        }
    }

    @Test
    void what_is_described_is_there_and_nothing_else() throws Exception {
        var document = server.api().get("/api/openapi.json").json();

        assertThat(described(document))
                .containsExactlyInAnyOrderElementsOf(server.app().routes().stream()
                        .filter(OpenApi::describes)
                        .map(route -> route.method().name().toLowerCase(Locale.ROOT) + " " + route.path())
                        .toList());
        assertThat(document)
                .isEqualTo(OpenApi.describe(
                        server.app().routes(), document.at("/info/version").asText()));
    }

    @Test
    void every_route_takes_and_answers_what_is_described() throws Exception {
        server.stop();
        server.bundle(Optional.of(new BundledAgent("0.2.0", "cd".repeat(32), 4_711)));
        server.start();
        var api = DescribedApi.of(server);
        DescribedAlerts.alerts(server, api);
        DescribedChannels.call(api);
        var fleet = SampleFleet.on(server);

        system(api);
        people(api);
        hosts(api, fleet);
        schedules(api, id(fleet.host("vpn")));
        repositories(api, id(fleet.host("vpn")));
        retention(api, id(fleet.host("vpn")));
        jobs(api, fleet);
        divergence(api);
        upgrades(api);
        sshAccess(api);
        DescribedFiles.call(server, api);
        DescribedFiles.restores(server, api);
        enrolment(api);
        DescribedAlerts.outside(api);
        firstUser(api);

        assertThat(api.called())
                .containsExactlyInAnyOrderElementsOf(
                        described(server.api().get("/api/openapi.json").json()).stream()
                                .filter(route -> !route.contains(" /agent/") // in a server built with the agent
                                        && !route.endsWith("/download") // DownloadTest
                                        && !route.contains("/transfers/")) // TreesTest
                                .toList());
    }

    private static void system(DescribedApi api) throws Exception {
        api.get("/healthz");
        api.get("/api/version");
        api.get("/api/openapi.json");
        api.get("/metrics");
    }

    private void people(DescribedApi api) throws Exception {
        api.get("/api/me");
        var made = api.post("/api/tokens", Map.of("name", "backup"));
        api.get("/api/tokens?limit=1");
        api.get("/api/tokens?limit=0");
        api.call("DELETE", "/api/tokens/{id}", "", made.at("/id"));
        api.get("/api/audit");
        api.post("/api/auth/login", Map.of("username", "anna", "password", "wrong"));
        var session = api.post("/api/auth/login", Map.of("username", "anna", "password", "correct horse"));
        var cookie = session.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
        var browser = api.as("Cookie", cookie, "Origin", server.url());
        var host = server.api().get("/api/hosts").at("/items/0/id");
        browser.post("/api/hosts/{host}/replacements", Map.of("password", "wrong"), host);
        browser.post("/api/hosts/{host}/replacements", Map.of("password", "correct horse"), host);
        api.get("/api/hosts/{host}/replacements", host);
        browser.post(
                "/api/auth/password", Map.of("current_password", "correct horse", "new_password", "battery staple"));
        api.post("/api/auth/logout", "");
    }

    private static void hosts(DescribedApi api, SampleFleet fleet) throws Exception {
        var web = id(fleet.host("web"));
        api.get("/api/hosts");
        api.get("/api/hosts/{host}", web);
        api.get("/api/hosts/{host}", "nobody");
        api.call("PATCH", "/api/hosts/{host}", Map.of("name", "www"), web);
        api.call("PATCH", "/api/hosts/{host}", Map.of("nam", "www"), web);
        api.get("/api/hosts/{host}/snapshots", web);
        api.call("DELETE", "/api/hosts/{host}", "", id(fleet.host("camera")));
    }

    private static void retention(DescribedApi api, String host) throws Exception {
        var schedule =
                api.post("/api/hosts/{host}/schedules", Samples.UNNAMED, host).at("/id");
        var repository = api.get("/api/repositories").at("/items/0/id");
        api.post("/api/retention/preview", Map.of("schedule_id", schedule, "retention", Map.of("keep_daily", 7)));
        api.post("/api/retention/preview", Map.of());
        api.post("/api/hosts/{host}/schedules/{schedule}/retention/release", "", host, schedule);
        var chosen = Map.of("schedule_id", schedule, "snapshot_ids", List.of("ab".repeat(32)));
        api.post("/api/repositories/{repository}/adopt", chosen, repository);
        api.get("/api/repositories/{repository}/copies", repository);
        api.post("/api/repositories/{repository}/confirm", chosen, repository);
        api.call("PUT", "/api/hosts/{host}/not-trusted", Map.of("since", "2026-03-01T00:00:00Z"), host);
        api.call("DELETE", "/api/hosts/{host}/not-trusted", "", host);
        api.post("/api/hosts/{host}/silence", Map.of("reason", "new disks"), host);
        api.call("DELETE", "/api/hosts/{host}/silence", "", host);
        api.post("/api/hosts/{host}/pause", Map.of("until", "2026-03-02T00:00:00Z"), host);
        api.call("POST", "/api/hosts/{host}/resume", "", host);
    }

    private void repositories(DescribedApi api, String host) throws Exception {
        var made = api.post("/api/repositories", Map.of("name", "off site", "url", "s3:https://s3.example/off"));
        api.post("/api/repositories", Map.of("name", "off site"));
        api.get("/api/repositories");
        api.get("/api/repositories/{repository}", made.at("/id"));
        api.call("PATCH", "/api/repositories/{repository}", Map.of("name", "cloud"), made.at("/id"));
        api.call("PUT", "/api/hosts/{host}/repositories/{repository}", Map.of("position", 2), host, made.at("/id"));
        api.post("/api/repositories/{repository}/jobs", Map.of("kind", "stats"), made.at("/id"));
        api.post("/api/repositories/{repository}/jobs", Map.of("kind", "check"), "unknown");
        api.get("/api/repositories/{repository}/stats?days=7", made.at("/id"));
        api.get("/api/repositories/{repository}/queue", made.at("/id"));
        api.get("/api/repositories/{repository}/keys", made.at("/id"));
        server.sql("INSERT INTO repository_keys VALUES ('" + made.at("/id") + "', 'c0ffee', 'root', 'web', '', 1, 0)");
        api.post("/api/repositories/{repository}/keys/{key}/expect", "", made.at("/id"), "c0ffee");
        api.post("/api/repositories/{repository}/keys/{key}/expect", "", made.at("/id"), "none");
        server.sql("INSERT INTO repository_rotations (repository_id, phase, requested_by, requested_at) VALUES ('"
                + made.at("/id") + "', 'proving', 'anna', 1)");
        api.get("/api/repositories/{repository}/rotate-password", made.at("/id"));
        api.post("/api/repositories/{repository}/rotate-password/retry", "", made.at("/id"));
        server.sql("DELETE FROM repository_rotations");
        api.get("/api/repositories/{repository}/rotate-password", made.at("/id"));
        api.post("/api/repositories/{repository}/rotate-password", Map.of("repo_password", "x"), made.at("/id"));
        api.post("/api/repositories/{repository}/test", Map.of("host_id", host), made.at("/id"));
        api.call("DELETE", "/api/repositories/{repository}", "", made.at("/id"));
        api.call("DELETE", "/api/hosts/{host}/repositories/{repository}", "", host, made.at("/id"));
        api.call("DELETE", "/api/repositories/{repository}", "", made.at("/id"));
    }

    private static void schedules(DescribedApi api, String host) throws Exception {
        var whole = Map.of(
                "kind",
                "backup",
                "name",
                "whole",
                "cron",
                "0 4 * * *",
                "time_zone",
                "Europe/London",
                "paths",
                List.of("/"),
                "catch_up",
                "within:6h",
                "retention",
                Map.of("keep_daily", 7, "keep_within", "30d"),
                "options",
                Map.of("one_file_system", true),
                "hooks",
                Map.of("pre", "dump"),
                "jitter_minutes",
                10);
        var made = api.post("/api/hosts/{host}/schedules", whole, host);
        api.post("/api/hosts/{host}/schedules", Map.of("kind", "backup", "cron", "x", "paths", List.of("y")), host);
        api.get("/api/hosts/{host}/schedules", host);
        var back = made.json();
        api.call("PUT", "/api/hosts/{host}/schedules/{schedule}", back, host, made.at("/id"));
        api.get("/api/hosts/{host}/schedules/{schedule}", host, made.at("/id"));
        api.post("/api/hosts/{host}/schedules/{schedule}/run", "", host, made.at("/id"));
        api.call("DELETE", "/api/hosts/{host}/schedules/{schedule}", "", host, made.at("/id"));
    }

    private void jobs(DescribedApi api, SampleFleet fleet) throws Exception {
        api.get("/api/jobs?kind=backup&status=missed&limit=10");
        api.get("/api/jobs?kind=nothing");
        api.get("/api/jobs/{job}", id(fleet.runningJob()));
        api.get("/api/jobs/{job}", id(fleet.newestJob("media")));
        api.get("/api/jobs/{job}/log", id(fleet.newestJob("mail")));
        api.get("/api/jobs/{job}/log?format=ndjson", id(fleet.newestJob("mail")));
        api.get("/api/jobs/{job}/events", id(fleet.newestJob("mail")));
        api.post("/api/hosts/{host}/run", "", id(fleet.host("git")));
        var partial = id(fleet.newestJob("media"));
        server.sql("UPDATE jobs SET error_code = 'source_empty' WHERE id = '" + partial + "'");
        api.post(
                "/api/hosts/{host}/schedules/{schedule}/accept",
                Map.of("job_id", partial),
                id(fleet.host("media")),
                id(fleet.schedule("media")));
        var once = api.post("/api/hosts/{host}/jobs", Map.of("kind", "check"), id(fleet.host("git")));
        api.post("/api/hosts/{host}/jobs", Map.of("kind", "check"), id(fleet.host("camera")));
        api.post("/api/jobs/{job}/cancel", "", once.at("/job_id"));
    }

    /** Agents that hold newer schedules than this database. */
    private void divergence(DescribedApi api) throws Exception {
        var one = server.enrol("ahead");
        server.enrol("far-ahead");
        for (var machine : List.of(one, server.enrol("further-ahead"))) {
            machine.connectInSync().abort();
            machine.connect(9);
        }
        assertThat(api.get("/api/restored").json().path("items")).hasSize(2);
        api.post("/api/hosts/{host}/restored", Map.of("decision", "push"), one.hostId());
        api.post("/api/restored", Map.of("decision", "push"));
        api.post("/api/restored", Map.of("decision", "perhaps"));
    }

    private void upgrades(DescribedApi api) throws Exception {
        var old = server.enrol("old");
        var agent = old.connectInSync();
        agent.sendAndDrain(new ToServer.UpgradeReport("ready", Optional.empty(), Optional.empty()));
        api.post("/api/hosts/{host}/upgrade", "", old.hostId());
        api.get("/api/agents/upgrade");
        agent.sendAndDrain(new ToServer.UpgradeReport("failed", Optional.of("0.2.0"), Optional.of("wrong hash")));
        api.post("/api/agents/upgrade", "");
        api.post("/api/agents/upgrade", "");
    }

    private void sshAccess(DescribedApi api) throws Exception {
        var nas = server.enrol("nas");
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(nas.hello(0, server.now()), Ask.features());
        agent.send(nas.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();
        var call = new FutureTask<>(
                () -> api.post("/api/hosts/{host}/ssh-access", Map.of("url", "sftp:nas:/srv"), nas.hostId()));
        new Thread(call, "ssh-access").start();
        agent.send(new ToServer.Answer(
                agent.receive(ToAgent.Question.class).id(),
                new SshAccess("ssh-ed25519 AAAA", List.of(new SshHostKey("nas ssh-ed25519 AAAAC3Nz")))));
        call.get();
        api.post("/api/hosts/{host}/ssh-access", Map.of("url", "/srv"), nas.hostId());
        var repository = server.api()
                .post("/api/repositories", Map.of("url", "s3:https://s3.example/locks"))
                .at("/id");
        server.api().put("/api/hosts/" + nas.hostId() + "/repositories/" + repository, "{}");
        agent.drain();
        var locks = new FutureTask<>(() -> api.get("/api/repositories/{repository}/locks", repository));
        new Thread(locks, "locks").start();
        agent.send(new ToServer.Answer(
                agent.receive(ToAgent.Question.class).id(),
                new LocksReport(
                        List.of(new RepositoryLock("c0ffee", true, "nas", "root", 4711, "2026-03-01T12:00:00Z")), 1)));
        locks.get();
    }

    private void enrolment(DescribedApi api) throws Exception {
        var token = api.post("/api/enrollment-tokens", Map.of("repository", Samples.repository(Samples.URL)));
        var key = AgentIdentity.publicKey(AgentIdentity.newKeys());
        api.post("/api/agents/enroll", Samples.enrolment(token.at("/token"), "new", key));
        api.post("/api/agents/enroll", Samples.enrolment("wrong", "new", key));
    }

    /** On a server that has none yet. */
    private void firstUser(DescribedApi api) throws Exception {
        var original = server.directory();
        server.stop();
        server.startIn(elsewhere);
        var token = Files.readString(elsewhere.resolve("bootstrap-token")).strip();
        api.post("/api/bootstrap", Map.of("token", token, "username", "anna", "password", "correct horse"));
        Directories.delete(original);
    }

    private static String id(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Such as {@code get /api/hosts}. */
    private static List<String> described(JsonNode document) {
        var described = new ArrayList<String>();
        for (var path : document.path("paths").properties()) {
            path.getValue().fieldNames().forEachRemaining(method -> described.add(method + " " + path.getKey()));
        }
        return described;
    }

    @Test
    void pages_are_no_part_of_the_api() throws Exception {
        var paths = server.api().get("/api/openapi.json").json().path("paths");

        assertThat(server.app().routes())
                .filteredOn(route -> route.summary().isEmpty())
                .hasSizeGreaterThan(20)
                .allSatisfy(route -> {
                    assertThat(route.path()).doesNotStartWith("/api/");
                    assertThat(paths.has(route.path())).as(route.path()).isFalse();
                });
    }

    @Test
    void every_reference_leads_somewhere() throws Exception {
        var document = server.api().get("/api/openapi.json").json();

        var references = document.findValuesAsText("$ref");

        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isObject())
                        .isTrue());
    }

    @Test
    void the_names_are_those_on_the_wire() throws Exception {
        JsonNode schemas = server.api().get("/api/openapi.json").json().at("/components/schemas");

        assertThat(schemas.at("/ScheduleBody/properties").has("time_zone")).isTrue();
        assertThat(schemas.at("/JobView/properties").has("snapshot_id")).isTrue();
        assertThat(schemas.at("/JobStatus/enum").toString()).contains("succeeded", "missed");
        assertThat(schemas.fieldNames()).toIterable().allMatch(name -> name.matches("[A-Za-z0-9._-]+"));
    }

    @Test
    void what_is_written_as_a_word_is_described_as_text() throws Exception {
        JsonNode schemas = server.api().get("/api/openapi.json").json().at("/components/schemas");

        assertThat(schemas.at("/Schedule/properties/catch_up/type").asText()).isEqualTo("string");
        assertThat(schemas.at("/HostPolicy/properties/longest_run/type").toString())
                .isEqualTo("[\"string\",\"null\"]");
    }

    @Test
    void what_may_be_one_of_several_is_described_as_each_of_them() throws Exception {
        JsonNode schemas = server.api().get("/api/openapi.json").json().at("/components/schemas");

        assertThat(schemas.at("/JobResult").toString())
                .contains("BackupResult", "ForgetResult", "CheckResult", "NoResult");
        assertThat(schemas.at("/ForgetResult/properties").has("snapshots_removed"))
                .isTrue();
    }
}
