package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.secret.SecretBox;
import io.resticfleet.server.secret.Secrets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that starts on the database of an older one. */
class UpgradeTest {

    private static final String JOB = "01J00000000000000000000001";

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void a_host_with_default_paths_has_a_manual_schedule_that_can_be_read_run_and_sent_back() throws Exception {
        var web = server.enrol("web");
        downgrade(web);
        server.start();
        server.signIn();

        var set = server.api().get("/api/hosts/" + web.hostId() + "/schedules");

        assertThat(set.at("/version")).isEqualTo("1");
        var schedule = set.json().at("/schedules/0");
        assertThat(schedule.path("manual").asBoolean()).isTrue();
        assertThat(schedule.path("paths").toString()).isEqualTo("[\"/etc\",\"/home\"]");
        var path = "/api/hosts/" + web.hostId() + "/schedules/"
                + schedule.path("id").asText();
        assertThat(server.api().put(path, schedule.toString()).json()).isEqualTo(schedule);
        var agent = web.connect();
        assertThat(agent.receive(ToAgent.ScheduleSet.class).schedules().get(0).violations())
                .isEmpty();
        assertThat(server.api().post("/api/hosts/" + web.hostId() + "/run", "").outcome())
                .isEqualTo("202");
        assertThat(agent.receive(ToAgent.CommandRun.class)
                        .order()
                        .scheduled()
                        .orElseThrow()
                        .paths())
                .containsExactly("/etc", "/home");
    }

    @Test
    void paths_that_no_schedule_may_have_do_not_come_along() throws Exception {
        var web = server.enrol("web");
        downgrade(web);
        server.sql("UPDATE hosts SET default_paths = '[\"/etc\",null,7,\"home\",{\"a\":1}]'");
        server.start();
        server.signIn();

        var set = server.api().get("/api/hosts/" + web.hostId() + "/schedules");

        assertThat(set.status()).isEqualTo(200);
        assertThat(set.json().at("/schedules/0/paths").toString()).isEqualTo("[\"/etc\"]");
    }

    @Test
    void a_job_that_failed_before_there_were_codes_is_shown_without_one() throws Exception {
        var web = server.enrol("web");
        downgrade(web);
        server.sql("INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at, error) VALUES ('" + JOB
                + "', '" + web.hostId() + "', 'check', 'failed', 'manual', 1, 'the repository is locked')");
        server.start();
        server.signIn();

        var job = server.api().get("/api/jobs/" + JOB);

        assertThat(job.at("/error")).isEqualTo("the repository is locked");
        assertThat(job.at("/error_code")).isEqualTo("null");
    }

    @Test
    void snapshots_that_were_stored_as_one_list_are_listed_and_not_asked_for_again() throws Exception {
        var web = server.enrol("web");
        downgrade(web);
        var ids = List.of("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4));
        var checksums = new SnapshotChecksums();
        for (var snapshot : new SampleReports(server)
                .snapshots(1, TestServer.START, ids.toArray(String[]::new))
                .snapshots()) {
            server.sql("INSERT INTO snapshots VALUES ('" + web.hostId() + "', '" + snapshot.id() + "', 1, '"
                    + Json.LENIENT.writeValueAsString(snapshot) + "')");
            checksums.toggle(SnapshotChecksums.key(snapshot.id()));
        }
        server.sql("INSERT INTO snapshot_lists VALUES ('" + web.hostId() + "', 1)");
        server.start();
        server.signIn();

        var listed = server.api().get("/api/hosts/" + web.hostId() + "/snapshots");
        var agent = web.connectInSync();
        var repository = new RepositoryId(
                server.sql("SELECT repository_id FROM host_repositories").get(0));
        agent.send(new SnapshotsOffer(1, repository, server.now(), ids.size(), checksums.toString(), false));

        assertThat(listed.json().findValuesAsText("id")).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(agent.receive(ToAgent.SnapshotsStored.class)).isEqualTo(new ToAgent.SnapshotsStored(1, 0, true));
    }

    @Test
    void repositories_and_the_credentials_of_their_hosts_and_maintainer_stay() throws Exception {
        var web = server.enrol("web");
        var db = server.enrol("db");
        var repository = server.api().get("/api/repositories").at("/items/0/id");
        server.api()
                .put(
                        "/api/hosts/" + db.hostId() + "/repositories/" + repository + "?force=true",
                        Map.of("credentials", Map.of("username", "db", "password", "of-db")));
        server.api()
                .patch(
                        "/api/repositories/" + repository,
                        Map.of(
                                "maintainer",
                                Map.of(
                                        "host_id",
                                        web.hostId(),
                                        "url",
                                        "rest:http://nas:8001/fleet/",
                                        "credentials",
                                        Map.of("username", "maintainer", "password", "of-maintainer"))));
        web.addSchedule(Map.of(
                "kind", "backup", "manual", true, "paths", List.of("/srv"), "retention", Map.of("keep_daily", 7)));
        var agent = web.connectInSync();
        agent.drain();
        var prune = server.api()
                .post("/api/hosts/" + web.hostId() + "/jobs", Map.of("kind", "prune"))
                .at("/job_id");
        var config = config(web);
        var ofDb = config(db);
        assertThat(ofDb.repository().password()).contains("of-db");
        var paths = List.of(
                "/api/repositories/" + repository, "/api/hosts/" + web.hostId() + "/schedules", "/api/jobs/" + prune);
        var before = answers(paths);
        asOf0023();

        server.start();

        assertThat(answers(paths)).isEqualTo(before);
        assertThat(config(db)).isEqualTo(ofDb);
        assertThat(config(web)).isEqualTo(config);
        agent = web.connect();
        agent.send(new ToServer.CredentialsAsk(new JobId(prune)));
        assertThat(agent.receive(ToAgent.CredentialsGrant.class).repository()).hasValueSatisfying(granted -> {
            assertThat(granted.url().value()).isEqualTo("rest:http://nas:8001/fleet/");
            assertThat(granted.password()).contains("of-maintainer");
            assertThat(granted.repoPassword()).isEqualTo(Samples.REPO_PASSWORD);
        });
    }

    private static ToAgent.ConfigUpdate config(EnrolledAgent machine) throws Exception {
        var agent = machine.connect();
        try {
            return agent.receive(ToAgent.ConfigUpdate.class);
        } finally {
            agent.abort();
        }
    }

    private List<JsonNode> answers(List<String> paths) throws Exception {
        var answers = new ArrayList<JsonNode>();
        for (var path : paths) {
            answers.add(server.api().get(path).json());
        }
        return answers;
    }

    /** Stops the server, and puts all that 0023 can hold into a database of that version. */
    private void asOf0023() throws Exception {
        server.stop();
        var newer = server.directory().resolve("newer.db");
        Files.move(DatabaseFile.in(server.directory()), newer);
        var older = new OldDatabase(DatabaseFile.in(server.directory()));
        older.upgradeTo("0023");
        var copies = new ArrayList<String>(List.of("ATTACH '" + newer + "' AS newer"));
        older.columns().forEach((table, columns) -> {
            copies.add("DELETE FROM " + table); // what a trigger or a migration has inserted
            copies.add("INSERT INTO " + table + " (" + columns + ") SELECT " + columns + " FROM newer." + table);
        });
        sql(older.file(), copies.toArray(String[]::new));
    }

    /** Stops the server, and puts its users and the host into a database as it was at 0006. */
    private void downgrade(EnrolledAgent machine) throws Exception {
        var secrets = new Secrets(SecretBox.open(server.directory().resolve("secret.key")));
        var repository = Map.of("url", Samples.URL, "repo_password", Samples.REPO_PASSWORD);
        server.database().change(tx -> secrets.put(tx, "host_credentials/" + machine.hostId(), repository));
        server.stop();
        var file = DatabaseFile.in(server.directory());
        var newer = server.directory().resolve("newer.db");
        Files.move(file, newer);
        new Migrations(file, () -> TestServer.START).to(MigrationVersion.fromVersion("0006"));
        var columns = "id, name, hostname, public_key, os, arch, time_zone, agent_version, restic_version, created_at";
        sql(
                file,
                "ATTACH '" + newer + "' AS newer",
                "INSERT INTO users SELECT id, username, hash, created_at, changed_at"
                        + " FROM newer.users JOIN newer.user_passwords ON user_id = id",
                "INSERT INTO hosts (" + columns + ", default_paths) SELECT " + columns
                        + ", '[\"/etc\",\"/home\"]' FROM newer.hosts WHERE id = '" + machine.hostId() + "'",
                "INSERT INTO host_credentials SELECT host_id, url, sealed, updated_at"
                        + " FROM newer.host_repositories JOIN newer.secrets ON owner = 'host_credentials/' || host_id");
    }

    private static void sql(Path file, String... statements) throws SQLException {
        try (var db = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = db.createStatement()) {
            for (var each : statements) {
                statement.execute(each);
            }
        }
    }
}
