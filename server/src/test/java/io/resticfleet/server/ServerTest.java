package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.cli.Doctor;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.config.ServerVersion;
import io.resticfleet.server.db.OperatorError;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server's own life: stopped, started again, and in trouble. */
class ServerTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void all_is_kept_when_the_server_starts_again() throws Exception {
        var web = server.enrol("web");
        var schedule = web.addSchedule(Samples.NIGHTLY);

        server.stop();
        server.start();

        var set = server.api().get("/api/hosts/" + web.hostId() + "/schedules");
        assertThat(set.at("/version")).isEqualTo("1");
        assertThat(set.at("/schedules/0/id")).isEqualTo(schedule);
        var agent = web.connect();
        assertThat(agent.receive(ToAgent.ConfigUpdate.class).repository().repoPassword())
                .isEqualTo(Samples.REPO_PASSWORD);
        assertThat(agent.receive(ToAgent.ScheduleSet.class).version()).isEqualTo(1);
    }

    @Test
    void the_server_starts_again_when_the_only_secrets_were_wiped() throws Exception {
        var web = server.enrol("web");
        server.api().delete("/api/hosts/" + web.hostId());

        server.stop();
        server.start();

        assertThat(server.api().get("/api/hosts").json().path("items")).isEmpty();
    }

    @Test
    void with_an_address_in_use_nothing_is_made_and_the_directory_stays_usable() throws Exception {
        server.stop();
        try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            var address = "127.0.0.1:" + taken.getLocalPort();
            var config = ServerConfig.from(
                    Map.of(),
                    Map.of("--listen", address, "--data-dir", server.directory().toString()));

            assertThatThrownBy(() -> TestServer.startApp(config, () -> server.now()))
                    .isInstanceOf(OperatorError.class)
                    .hasMessageContaining("cannot listen on " + address);

            var fresh = server.directory().resolve("not/yet");
            var first = ServerConfig.from(Map.of(), Map.of("--listen", address, "--data-dir", fresh.toString()));
            assertThatThrownBy(() -> TestServer.startApp(first, () -> server.now()))
                    .isInstanceOf(OperatorError.class);
            assertThat(fresh.getParent()).doesNotExist();
        }

        server.start();
        assertThat(server.api().get("/api/me").at("/username")).isEqualTo("anna");
    }

    @Test
    void all_files_are_for_their_owner_only() throws Exception {
        server.stop();
        var database = server.directory().resolve("restic-fleet.db");
        Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));

        server.start();
        server.enrol("web");
        server.maintenance().copyDatabase();

        try (var files = Files.walk(server.directory())) {
            for (var file : files.skip(1).toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
            }
        }
        assertThat(server.directory().resolve("restic-fleet.db-wal")).exists();
        assertThat(server.directory().resolve("backups")).isNotEmptyDirectory();
    }

    @Test
    void a_second_server_on_the_same_directory_is_refused() {
        var config = ServerConfig.from(
                Map.of(),
                Map.of(
                        "--listen",
                        "127.0.0.1:0",
                        "--data-dir",
                        server.directory().toString()));

        assertThatThrownBy(() -> TestServer.startApp(config, () -> server.now()))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("another restic-fleet server");
    }

    @Test
    void a_server_with_open_streams_stops_at_once() throws Exception {
        var web = server.enrol("web");
        web.addSchedule(Samples.NIGHTLY);
        web.connectInSync();
        var job = server.api().post("/api/hosts/" + web.hostId() + "/run", "").at("/job_id");
        var request = java.net.http.HttpRequest.newBuilder(
                        java.net.URI.create(server.url() + "/api/jobs/" + job + "/events"))
                .header("Authorization", "Bearer " + server.api().token())
                .build();
        var lines = java.net.http.HttpClient.newHttpClient()
                .send(request, java.net.http.HttpResponse.BodyHandlers.ofLines())
                .body()
                .iterator();
        assertThat(lines.next()).isEqualTo("event: status");

        long began = System.nanoTime();
        server.stop();

        assertThat(java.time.Duration.ofNanos(System.nanoTime() - began)).isLessThan(java.time.Duration.ofSeconds(30));
        server.start();
        assertThat(server.api().get("/api/jobs/" + job).at("/status")).isEqualTo("queued");
    }

    @Test
    void the_doctor_finds_nothing_wrong_after_an_enrolment() throws Exception {
        server.enrol("web");
        var config = ServerConfig.from(
                Map.of(),
                Map.of(
                        "--listen",
                        "127.0.0.1:0",
                        "--data-dir",
                        server.directory().toString()));
        var output = new java.io.ByteArrayOutputStream();

        new Doctor(config, ServerVersion.text(), () -> server.now(), new java.io.PrintStream(output)).run();

        assertThat(output.toString()).contains("opens all 1 secrets");
    }
}
