package io.resticfleet.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryTls;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One canonical location is one repository. */
@Tag("slow")
class RepositoriesTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @ParameterizedTest
    @CsvSource({
        "rest:http://nas:8000/fleet/, rest:http://nas:8000/fleet",
        "rest:http://nas:8000/Fleet/, rest:http://NAS:8000/Fleet/",
        "rest:https://nas, rest:https://Nas/",
        "sftp:root@nas:/srv/fleet, sftp:root@nas:/srv/fleet/",
        "s3:s3.amazonaws.com/bucket/fleet, s3:https://S3.amazonaws.com:443/bucket/fleet/",
        "rest:http://nas:80/fleet, rest:http://nas/fleet/",
        "sftp:root@nas:/srv, sftp://root@nas:22//srv/",
        "b2:bucket:fleet, b2:bucket:/fleet",
    })
    void two_spellings_of_one_location_are_one_repository(String url, String otherUrl) throws Exception {
        var web = enrol("web", url);
        var db = enrol("db", otherUrl);

        assertThat(repository(db)).isEqualTo(repository(web));
        assertThat(url(db)).isEqualTo(url(web));
    }

    @ParameterizedTest
    @CsvSource({
        "rest:http://nas:8000/fleet/, rest:http://nas:8000/Fleet/",
        "rest:http://nas:8000/fleet/, rest:http://nas:8000/",
        "rest:http://nas:8000/fleet/, rest:https://nas:8000/fleet/",
        "sftp:nas:/, sftp:nas:",
        "rclone:drive:/, rclone:drive:fleet",
    })
    void two_locations_are_two_repositories(String url, String otherUrl) throws Exception {
        assertThat(repository(enrol("db", otherUrl))).isNotEqualTo(repository(enrol("web", url)));
    }

    @Test
    void a_directory_is_another_repository_on_each_host_and_the_same_on_one() throws Exception {
        var web = enrol("web", "/srv/backup");
        var db = enrol("db", "/srv/backup");
        var first = repository(web);

        assertThat(repository(db)).isNotEqualTo(first);
        change(web, "local:/srv/backup/");
        assertThat(repository(web)).isEqualTo(first);
    }

    @Test
    void a_repository_stays_when_no_host_uses_it_and_is_found_again() throws Exception {
        var web = enrol("web", "rest:http://nas:8000/fleet/");
        var first = repository(web);

        change(web, "rest:http://nas:8000/other/");
        assertThat(repository(web)).isNotEqualTo(first);
        change(web, "rest:http://nas:8000/fleet/");
        assertThat(repository(web)).isEqualTo(first);

        server.api().delete("/api/hosts/" + web.hostId());
        assertThat(server.sql("SELECT id FROM repositories")).hasSize(2).contains(first);
    }

    @Test
    void spellings_of_an_earlier_version_become_one_repository() throws Exception {
        var web = enrol("web", "rest:http://nas:8000/fleet/");
        var db = enrol("db", "rest:http://nas:8000/other/");
        var old = enrol("old", "/d/full");
        var first = repository(web);
        server.stop();
        server.sql("UPDATE repositories SET location = 'rest:http://nas:8000/x/../fleet' WHERE location LIKE '%other'");
        for (var host : List.of(web, db)) {
            server.sql("INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums)"
                    + " SELECT host_id, repository_id, 1, 1, 1, '' FROM host_repositories WHERE host_id = '"
                    + host.hostId() + "'");
            server.sql("INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in)"
                    + " SELECT host_id, repository_id, '" + "ab".repeat(32)
                    + "', 1, '{}', 1 FROM host_repositories WHERE host_id = '" + host.hostId() + "'");
        }
        server.sql("INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums)"
                + " SELECT '" + db.hostId() + "', '" + first + "', 0, 7, 0, ''");
        server.sql("INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in)" + " SELECT '"
                + db.hostId() + "', '" + first + "', '" + "cd".repeat(32) + "', 1, '{}', 1");
        server.sql("UPDATE repositories SET location = '/d/nope/../full', name = location WHERE location = '/d/full'");
        server.sql("UPDATE host_repositories SET url = 'local:/d/nope/../full' WHERE host_id = '" + old.hostId() + "'");

        server.start();
        server.signIn();

        assertThat(repository(db)).isEqualTo(first).isEqualTo(repository(web));
        assertThat(server.sql("SELECT location FROM repositories"))
                .containsOnly("rest:http://nas:8000/fleet", "/d/full");
        assertThat(url(old)).isEqualTo("/d/full");
        assertThat(server.sql("SELECT host_id || ' ' || repository_id || ' ' || generation FROM snapshot_lists"))
                .containsExactlyInAnyOrder(web.hostId() + " " + first + " 1", db.hostId() + " " + first + " 1");
        assertThat(server.sql("SELECT host_id || ' ' || repository_id || ' ' || substr(id, 1, 2) FROM snapshots"))
                .containsExactlyInAnyOrder(web.hostId() + " " + first + " ab", db.hostId() + " " + first + " ab");
    }

    @Test
    void a_url_with_credentials_that_an_earlier_version_stored_still_opens_the_repository_and_shows_no_secret()
            throws Exception {
        var web = enrol("web", "rest:http://nas:8000/fleet/");
        var stored = "rest:http://web01:hunter2@NAS:8000/fleet";
        store(web, stored, stored);
        var agent = web.connect();

        var sent = agent.receive(ToAgent.ConfigUpdate.class).repository();
        assertThat(sent.url()).hasToString("rest:http://nas:8000/fleet/");
        assertThat(sent.username()).contains("web01");
        assertThat(sent.password()).contains("hunter2");
        assertThat(url(web)).isEqualTo("rest:http://nas:8000/fleet/");
        assertThat(server.sql(
                        "SELECT url FROM host_repositories UNION SELECT url FROM repositories UNION SELECT location FROM repositories"
                                + " UNION SELECT name FROM repositories"))
                .noneMatch(text -> text.contains("hunter2"));
        var check = server.api().post("/api/hosts/" + web.hostId() + "/jobs", Map.of("kind", "check"));
        assertThat(agent.receive(ToAgent.CommandRun.class).jobId()).hasToString(check.at("/job_id"));
    }

    @Test
    void a_stored_repository_that_cannot_be_used_can_be_replaced() throws Exception {
        var web = enrol("web", "rest:http://nas:8000/fleet/");
        store(web, "sftp:-oProxyCommand=x:/srv", "sftp:nas:/srv");

        assertThat(web.connect().drain()).noneMatch(ToAgent.ConfigUpdate.class::isInstance);
        assertThat(server.api()
                        .patch("/api/hosts/" + web.hostId(), Map.of("repository", Map.of("url", "/srv")))
                        .outcome())
                .isEqualTo("400 invalid_credentials"); // the password is not readable either
        change(web, Map.of("url", "/srv", "repo_password", Samples.REPO_PASSWORD));

        assertThat(url(web)).isEqualTo("/srv");
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .url())
                .hasToString("/srv");
    }

    /** Stores a URL as an earlier version did, and starts the present one. */
    private void store(EnrolledAgent host, String url, String location) throws Exception {
        var secrets = new Secrets(SecretBox.open(server.directory().resolve("secret.key")));
        var repository = Map.of("url", url, "repo_password", "secret-4711");
        server.database().change(tx -> secrets.put(tx, "host_credentials/" + host.hostId(), repository));
        server.stop();
        server.sql("DELETE FROM secrets WHERE owner LIKE 'repositories/%'");
        server.sql("UPDATE host_repositories SET url = '" + url + "'");
        server.sql("UPDATE repositories SET url = '" + url + "', location = '" + location + "', name = '" + location
                + "'");
        server.start();
        server.signIn();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/d/nope/../full", "/d/full ", "local:/d/full ", "rest:http://nas//x", "/d/./full"})
    void a_url_that_restic_would_resolve_is_refused(String url) throws Exception {
        var web = enrol("web", "/srv");

        var answer = server.api().patch("/api/hosts/" + web.hostId(), Map.of("repository", Map.of("url", url)));

        assertThat(answer.outcome()).isEqualTo("400 invalid_repository_url");
        assertThat(url(web)).isEqualTo("/srv");
    }

    @ParameterizedTest
    @ValueSource(strings = {"  pad both ", "x\u00a0", "\ufeffx", "x\ufeff", "\u3000x", "x\n", "a\nb", "\u2028x", " "})
    void a_password_that_restic_would_change_is_refused_at_every_entrance(String password) throws Exception {
        var web = enrol("web", "/srv");
        var repository = Map.of("url", "/srv/new", "repo_password", password);

        assertThat(server.api()
                        .patch("/api/hosts/" + web.hostId(), Map.of("repository", repository))
                        .outcome())
                .isEqualTo("400 invalid_credentials");
        assertThat(server.api()
                        .post("/api/enrollment-tokens", Map.of("repository", repository))
                        .outcome())
                .isEqualTo("400 invalid_credentials");
        assertThat(url(web)).isEqualTo("/srv");
    }

    @ParameterizedTest
    @ValueSource(strings = {"username", "password", "repo_password"})
    void credentials_that_are_too_long_are_refused_at_every_entrance(String field) throws Exception {
        var web = enrol("web", "/srv");
        var repository = new HashMap<>(Samples.repository("rest:http://nas:8000/x/"));
        repository.put(field, "x".repeat(4_097));

        assertThat(server.api()
                        .patch("/api/hosts/" + web.hostId(), Map.of("repository", repository))
                        .outcome())
                .isEqualTo("400 invalid_credentials");
        assertThat(server.api()
                        .post("/api/enrollment-tokens", Map.of("repository", repository))
                        .outcome())
                .isEqualTo("400 invalid_credentials");
        assertThat(url(web)).isEqualTo("/srv");
    }

    @Test
    void credentials_that_a_machine_must_not_use_are_refused_by_name() throws Exception {
        var rows = """
                s3:nas/b | env:AWS_PROFILE=x | env_not_allowed | AWS_PROFILE may not be set for a s3 repository
                s3:nas/b | env:AWS_SHARED_CREDENTIALS_FILE=/etc/shadow | env_not_allowed | AWS_SHARED_CREDENTIALS_FILE
                s3:nas/b | env:AWS_CONTAINER_CREDENTIALS_FULL_URI=http://x | env_not_allowed | AWS_CONTAINER_CRED
                s3:nas/b | env:aws_session_token=x | env_not_allowed | aws_session_token
                s3:nas/b | env:https_proxy=x | env_not_allowed | HTTPS_PROXY
                gs:b:/ | env:GOOGLE_APPLICATION_CREDENTIALS=/etc/shadow | env_not_allowed | GOOGLE_APPLICATION_CREDENTIALS
                rest:http://nas/ | env:RESTIC_PASSWORD_COMMAND=id | env_not_allowed | RESTIC_PASSWORD_COMMAND
                rclone:x:y | env:RCLONE_CONFIG=/x | env_not_allowed | RCLONE_CONFIG
                sftp:nas:/srv | env:HTTPS_PROXY=http://x | env_not_allowed | sftp repository, which takes none
                swift:c:/ | env:OS_STORAGE_URL=http://x | env_not_allowed | OS_STORAGE_URL
                b2:b:/ | env:LD_PRELOAD=/x.so | env_not_allowed | LD_PRELOAD
                s3:nas/b | env:AWS_DEFAULT_REGION= | invalid_credentials | AWS_DEFAULT_REGION must be one line
                gs:b:/ | password:/etc/shadow | invalid_credentials | not its path
                gs:b:/ | password:{"type":"external_account"} | invalid_credentials | service_account
                gs:b:/ | password:{"type":"service_account","token_uri":"http://10.0.0.1/"} | invalid_credentials | token_uri
                s3:nas/b | password:x | invalid_credentials | a password needs a username
                sftp:nas:/srv | password:x | credentials_not_supported | takes no username
                """;
        for (var row : rows.lines().toList()) {
            var cells = row.split(" \\| ");
            var given = cells[1].split(":", 2);
            var variable = given[1].split("=", 2);
            var credentials = given[0].equals("env")
                    ? Map.of("env", Map.of(variable[0], variable[1]))
                    : Map.of(given[0], given[1]);

            var answer = server.api()
                    .post(
                            "/api/enrollment-tokens",
                            Map.of(
                                    "repository",
                                    Map.of("url", cells[0], "repo_password", "x", "credentials", credentials)));

            assertThat(answer.outcome()).as(row).isEqualTo("400 " + cells[2]);
            assertThat(answer.at("/errors/0/detail")).contains(cells[3]).doesNotContain("shadow");
        }
    }

    @Test
    void what_is_trusted_must_be_certificates_where_there_is_tls() throws Exception {
        var rows = """
                rest:https://nas/ | {"ca_pem":"x"} | 400 invalid_tls
                rest:https://nas/ | {"ca_pem":"-----BEGIN PRIVATE KEY-----"} | 400 invalid_tls
                sftp:nas:/srv | {"insecure":true} | 400 invalid_tls
                rclone:nas:/srv | {"insecure":true} | 400 invalid_tls
                rest:https://nas/ | {"insecure":true} | 201
                rest:https://nas/ | {} | 201
                """;
        for (var row : rows.lines().toList()) {
            var cells = row.split(" \\| ");
            assertThat(server.api()
                            .post(
                                    "/api/enrollment-tokens",
                                    Map.of(
                                            "repository",
                                            Map.of("url", cells[0], "tls", Json.STRICT.readTree(cells[1]))))
                            .outcome())
                    .as(row)
                    .isEqualTo(cells[2]);
        }
    }

    @Test
    void credentials_may_be_variables_or_a_pair_and_reach_the_agent_as_one() throws Exception {
        var web = enrol("web", "/srv");
        var agent = web.connect();
        agent.receive(ToAgent.ConfigUpdate.class);

        change(
                web,
                Map.of(
                        "url",
                        "s3:https://nas/bucket",
                        "repo_password",
                        "x",
                        "credentials",
                        Map.of(
                                "env",
                                Map.of(
                                        "AWS_ACCESS_KEY_ID",
                                        "id",
                                        "AWS_SECRET_ACCESS_KEY",
                                        "secret",
                                        "AWS_DEFAULT_REGION",
                                        "eu-1")),
                        "tls",
                        Map.of("insecure", true)));

        var sent = agent.receive(ToAgent.ConfigUpdate.class).repository();
        assertThat(sent.username()).contains("id");
        assertThat(sent.password()).contains("secret");
        assertThat(sent.env()).isEqualTo(Map.of("AWS_DEFAULT_REGION", "eu-1"));
        assertThat(sent.tls()).contains(new RepositoryTls(Optional.empty(), true));
        assertThat(sent.toString()).doesNotContain("secret");
    }

    private String url(EnrolledAgent host) throws Exception {
        return server.api().get("/api/hosts/" + host.hostId()).at("/repository_url");
    }

    @Test
    void a_directory_is_deleted_with_its_host() throws Exception {
        var web = enrol("web", "/srv/backup");

        assertThat(server.api().delete("/api/hosts/" + web.hostId()).outcome()).isEqualTo("204");

        assertThat(server.sql("SELECT id FROM repositories")).isEmpty();
        assertThat(server.sql("SELECT owner FROM secrets")).isEmpty();
    }

    @Test
    void a_job_keeps_its_repository_when_its_host_gets_another() throws Exception {
        var web = enrol("web", "rest:http://nas:8000/fleet/");
        var first = repository(web);
        var agent = web.connectInSync();
        var job = server.api()
                .post("/api/hosts/" + web.hostId() + "/jobs", Map.of("kind", "check"))
                .at("/job_id");

        change(web, "rest:http://nas:8000/other/");

        agent.drain();
        assertThat(server.sql("SELECT repository_id FROM jobs WHERE id = '" + job + "'"))
                .containsExactly(first);
    }

    private EnrolledAgent enrol(String name, String url) throws Exception {
        return server.enrol(name, Map.of("repository", Map.of("url", url, "repo_password", "secret-4711")));
    }

    private void change(EnrolledAgent machine, String url) throws Exception {
        change(machine, Map.of("url", url));
    }

    private void change(EnrolledAgent machine, Map<String, ?> repository) throws Exception {
        assertThat(server.api()
                        .patch("/api/hosts/" + machine.hostId() + "?force=true", Map.of("repository", repository))
                        .status())
                .isEqualTo(200);
    }

    /** Id of the repository that a host uses. */
    private String repository(EnrolledAgent machine) throws Exception {
        List<String> ids =
                server.sql("SELECT repository_id FROM host_repositories WHERE host_id = '" + machine.hostId() + "'");
        assertThat(ids).singleElement().asString().matches("[0-7][0-9A-HJKMNP-TV-Z]{25}");
        return ids.get(0);
    }
}
