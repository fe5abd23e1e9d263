package io.resticfleet.server.enrollment;

import static io.resticfleet.server.ApiClient.json;
import static io.resticfleet.server.Samples.REPO_PASSWORD;
import static io.resticfleet.server.Samples.REST_PASSWORD;
import static io.resticfleet.server.Samples.URL;
import static io.resticfleet.server.Samples.repository;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentIdentity;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class EnrollmentTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void a_token_lets_one_machine_in_once() throws Exception {
        var token = mint(Map.of("repository", repository(URL))).at("/token");

        var first = join(token, "web");
        assertThat(first.status()).isEqualTo(201);
        assertThat(first.at("/hostname")).isEqualTo("web");

        assertThat(join(token, "web").outcome()).isEqualTo("401 bad_token");
        assertThat(join("rfe_nonsense", "web").outcome()).isEqualTo("401 bad_token");
        assertThat(server.api().get("/api/hosts").json().path("items")).hasSize(1);
    }

    @Test
    void one_of_two_machines_that_come_at_once_is_let_in() throws Exception {
        var token = mint(Map.of("repository", repository(URL))).at("/token");
        var two = Executors.newFixedThreadPool(2);

        var a = two.submit(() -> join(token, "a").status());
        var b = two.submit(() -> join(token, "b").status());

        assertThat(List.of(a.get(), b.get())).containsExactlyInAnyOrder(201, 401);
        two.shutdown();
    }

    @Test
    void a_token_lives_for_an_hour() throws Exception {
        var minted = mint(Map.of("repository", repository(URL)));
        var late = mint(Map.of("repository", repository(URL))).at("/token");
        assertThat(minted.at("/expires_at")).isEqualTo("2026-03-01T13:00:00Z");

        server.clock().set(TestServer.START.plus(Duration.ofMinutes(59)));
        assertThat(join(minted.at("/token"), "web").status()).isEqualTo(201);

        server.clock().set(TestServer.START.plus(Duration.ofMinutes(61)));
        var refused = join(late, "db");
        assertThat(refused.outcome()).isEqualTo("401 bad_token");
        assertThat(refused.at("/detail")).contains("expired");

        server.maintenance().expire();
        assertThat(server.sql("SELECT owner FROM secrets"))
                .singleElement()
                .asString()
                .startsWith("repositories/");
    }

    @Test
    void initial_paths_become_a_manual_schedule_at_version_1() throws Exception {
        var web = server.enrol("web", Map.of("repository", repository(URL), "initial_paths", List.of("/etc", "/home")));

        var set = server.api().get("/api/hosts/" + web.hostId() + "/schedules");

        assertThat(set.at("/version")).isEqualTo("1");
        assertThat(set.json().path("schedules")).hasSize(1);
        assertThat(set.at("/schedules/0/kind")).isEqualTo("backup");
        assertThat(set.at("/schedules/0/manual")).isEqualTo("true");
        assertThat(set.json().at("/schedules/0/paths").toString()).isEqualTo("[\"/etc\",\"/home\"]");
        var pushed = web.connect().receive(ToAgent.ScheduleSet.class);
        assertThat(pushed.version()).isEqualTo(1);
        assertThat(pushed.schedules().get(0).violations()).isEmpty();
    }

    @Test
    void a_repository_password_that_was_not_given_is_made_and_shown_once() throws Exception {
        var minted = mint(Map.of("repository", Map.of("url", URL)));
        var made = minted.at("/repo_password");
        assertThat(made).hasSizeGreaterThan(20);
        assertThat(mint(Map.of("repository", repository(URL)))
                        .json()
                        .path("repo_password")
                        .isNull())
                .isTrue();

        var web = server.enrol("web", Map.of("repository", Map.of("url", URL, "repo_password", made)));

        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .repoPassword())
                .isEqualTo(made);
    }

    @Test
    void a_machine_that_uses_a_known_repository_needs_no_secret() throws Exception {
        var web = server.enrol("web");
        var id = server.api().get("/api/repositories").at("/items/0/id");

        var byUrl = server.api().post("/api/enrollment-tokens", Map.of("repository", Map.of("url", Samples.URL)));
        var byId = server.api().post("/api/enrollment-tokens", Map.of("repository_id", id));
        join(byUrl.at("/token"), "db");
        join(byId.at("/token"), "mail");

        assertThat(byUrl.at("/repo_password")).isEqualTo("null");
        assertThat(byId.json().path("warnings")).hasSize(1);
        assertThat(server.api().get("/api/repositories/" + id).json().findValuesAsText("name"))
                .contains("web", "db", "mail");
        assertThat(server.sql("SELECT owner FROM secrets")).containsExactly("repositories/" + id);
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .repoPassword())
                .isEqualTo(Samples.REPO_PASSWORD);
    }

    @Test
    void another_password_for_a_known_repository_is_refused() throws Exception {
        server.enrol("web");

        var refused = server.api()
                .post(
                        "/api/enrollment-tokens",
                        Map.of("repository", Map.of("url", Samples.URL, "repo_password", "another")));

        assertThat(refused.outcome()).isEqualTo("409 repository_exists");
        assertThat(refused.at("/detail")).contains("leave repo_password out");
    }

    @Test
    void machines_that_are_added_before_the_first_has_enrolled_get_one_password() throws Exception {
        var first = mint(Map.of("repository", Map.of("url", URL)));
        var second = mint(Map.of("repository", Map.of("url", URL)));
        join(first.at("/token"), "web");
        join(second.at("/token"), "db");

        assertThat(first.at("/repo_password")).hasSizeGreaterThan(20);
        assertThat(second.at("/repo_password")).isEqualTo("null");
        assertThat(server.sql("SELECT count(*) FROM secrets")).containsExactly("1");
    }

    @Test
    void a_directory_of_one_machine_is_not_that_of_another() throws Exception {
        var body = Map.of("repository", Map.of("url", "/srv/backup"));
        server.enrol("web", body);

        assertThat(server.api().post("/api/enrollment-tokens", body).json().path("warnings"))
                .noneMatch(warning -> warning.asText().contains("already backs up"));
    }

    @Test
    void a_machine_whose_host_was_deleted_joins_again_and_no_other() throws Exception {
        var web = server.enrol("web");
        var token = mint(Map.of("repository", repository(URL))).at("/token");
        var again = new HashMap<>(Samples.enrolment(token, "web", AgentIdentity.publicKey(AgentIdentity.newKeys())));
        again.put("replaces", web.hostId());

        var refused = server.api().post("/api/agents/enroll", again);
        assertThat(refused.outcome()).isEqualTo("409 already_enrolled");
        assertThat(refused.at("/detail")).contains("enrolled already, as web");

        server.api().delete("/api/hosts/" + web.hostId());
        assertThat(server.api().post("/api/agents/enroll", again).status()).isEqualTo(201);
    }

    @Test
    void the_command_names_where_this_server_was_reached() throws Exception {
        var minted = mint(Map.of("repository", repository(URL)));

        assertThat(minted.at("/command"))
                .isEqualTo("{ echo RESTIC_FLEET_TOKEN=" + minted.at("/token") + "; curl -fsS " + server.url()
                        + "/agent/install.sh; } | sudo bash -s -- --server " + server.url())
                .doesNotContain("--pin", REPO_PASSWORD, REST_PASSWORD);
    }

    @Test
    void a_second_machine_of_the_same_name_gets_a_number() throws Exception {
        assertThat(server.enrol("web").hostname()).isEqualTo("web");
        assertThat(server.enrol("web").hostname()).isEqualTo("web-2");
        assertThat(server.enrol("web").hostname()).isEqualTo("web-3");
        assertThat(server.enrol("any", Map.of("repository", repository(URL), "hostname", "named"))
                        .hostname())
                .isEqualTo("named");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{}                                                                          | required",
                "{'repository':{}}                                                           | required",
                "{'repository':{'url':''}}                                                   | invalid_repository_url",
                "{'repository':{'url':'nonsense'}}                                           | invalid_repository_url",
                "{'repository':{'url':'rest:ftp://nas/'}}                                    | invalid_repository_url",
                "{'repository':{'url':'rest:http://u:hunter2@nas/'}}                         | invalid_repository_url",
                "{'repository':{'url':'s3:https://u:hunter2@nas/b'}}                         | invalid_repository_url",
                "{'repository':{'url':'/srv','username':'u','password':'p'}}                 | credentials_not_supported",
                "{'repository':{'url':'rest:http://nas/','password':'p'}}                    | invalid_credentials",
                "{'repository':{'url':'/srv','repo_password':''}}                            | invalid_credentials",
                "{'repository':{'url':'/srv','repo_password':'a\\nb'}}                       | invalid_credentials",
                "{'repository':{'url':'/srv'},'initial_paths':['home']}                      | path_not_absolute",
                "{'repository':{'url':'/srv'},'initial_paths':['/a','--x']}                  | path_not_absolute",
                "{'repository':{'url':'/srv'},'initial_paths':[7]}                           | wrong_type",
                "{'repository':{'url':'/srv'},'hostname':''}                                 | invalid_hostname",
                "{'repository':{'url':'/srv'},'hostname':'-x'}                               | invalid_hostname",
                "{'repository':{'url':'/srv'},'hostname':'a b'}                              | invalid_hostname",
                "{'repository':{'url':'/srv'},'hostnam':'a'}                                 | unknown_field",
            })
    void a_token_that_could_not_work_is_not_made(String body, String code) throws Exception {
        var answer = server.api().post("/api/enrollment-tokens", body.replace('\'', '"'));

        assertThat(answer.outcome()).as(answer.text()).isEqualTo("400 " + code);
        assertThat(answer.text()).doesNotContain("hunter2");
        assertThat(server.sql("SELECT id FROM enrollment_tokens")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {4_097, 1_001})
    void initial_paths_that_no_schedule_may_have_are_refused(int length) throws Exception {
        var paths = length == 1_001 ? java.util.Collections.nCopies(length, "/a") : List.of("/" + "a".repeat(length));

        assertThat(mint(Map.of("repository", repository(URL), "initial_paths", paths))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_machine_with_a_bad_key_or_name_is_refused_and_the_token_stays_good() throws Exception {
        var token = mint(Map.of("repository", repository(URL))).at("/token");
        var rsa = KeyPairGenerator.getInstance("RSA")
                .generateKeyPair()
                .getPublic()
                .getEncoded();

        assertThat(join(token, "web", "AAAA").outcome()).isEqualTo("400 invalid_public_key");
        assertThat(join(token, "web", "no base64!").outcome()).isEqualTo("400 invalid_public_key");
        assertThat(join(token, "web", Base64.getEncoder().encodeToString(rsa)).outcome())
                .isEqualTo("400 invalid_public_key");
        assertThat(join(token, "a b").outcome()).isEqualTo("400 invalid_hostname");
        assertThat(join(token, "-rf").outcome()).isEqualTo("400 invalid_hostname");

        assertThat(join(token, "web").status()).isEqualTo(201);
    }

    @Test
    void secrets_are_in_no_file_answer_audit_entry_or_log_line() throws Exception {
        var logged = new ArrayList<String>();
        var root = Logger.getLogger("");
        var listener = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(String.valueOf(line.getMessage()) + line.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        root.addHandler(listener);
        var minted = mint(new HashMap<>(Map.of("repository", repository(URL))));
        var token = minted.at("/token");
        join(token, "web");
        join(token, "again");
        join("rfe_wrong", "again");
        var open = mint(Map.of("repository", repository(URL))).at("/token");
        root.removeHandler(listener);

        var shown = server.api().get("/api/hosts").text()
                + server.api().get("/api/audit").text()
                + minted.text().replace(token, "");
        assertThat(shown).doesNotContain(REPO_PASSWORD, REST_PASSWORD, token, open);
        assertThat(String.join("\n", logged)).isNotEmpty().doesNotContain(REPO_PASSWORD, REST_PASSWORD, token, open);
        try (var files = Files.list(server.directory())) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(
                                REPO_PASSWORD,
                                REST_PASSWORD,
                                token,
                                open,
                                server.api().token());
            }
        }
        assertThat(Files.readString(server.directory().resolve("restic-fleet.db-wal"), StandardCharsets.ISO_8859_1))
                .contains(URL);
    }

    @Test
    void making_a_token_and_joining_are_audited() throws Exception {
        server.enrol("web", Map.of("repository", repository(URL), "initial_paths", List.of("/etc")));

        assertThat(server.api().get("/api/audit").json().path("items"))
                .extracting(entry -> entry.path("action").asText() + " by "
                        + entry.path("actor").asText())
                .startsWith(
                        "schedule.create by anna (token tests) (enrolment token)",
                        "host.enroll by anna (token tests) (enrolment token)",
                        "enrollment_token.create by anna (token tests)");
    }

    private ApiResponse mint(Map<String, ?> body) throws Exception {
        return server.api().post("/api/enrollment-tokens", body);
    }

    private ApiResponse join(String token, String hostname) throws Exception {
        var key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPublic()
                .getEncoded();
        return join(token, hostname, Base64.getEncoder().encodeToString(key));
    }

    private ApiResponse join(String token, String hostname, String publicKey) throws Exception {
        return server.api().request("POST", "/api/agents/enroll", json(Samples.enrolment(token, hostname, publicKey)));
    }
}
