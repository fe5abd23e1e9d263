package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.Directories;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server's disk is lost: the drill in {@code docs/operations.md}, step by step. */
class DisasterRecoveryTest {

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void a_new_server_gets_all_machines_back_from_one_file_and_a_passphrase() throws Exception {
        var server = fleet.server();
        var one = machine();
        var other = machine();
        var backup = fleet.directory("elsewhere").resolve("fleet.backup");
        var passphrase =
                Files.writeString(fleet.directory("safe").resolve("passphrase"), "a passphrase for the drill\n");
        var made = command("backup", backup, "--passphrase-file", passphrase.toString());
        assertThat(made.status()).as(made.output()).isZero();

        server.stop();
        Directories.delete(server.dataDir()); // the disk is lost
        other.agent().stop();
        Files.delete(other.stateDir().resolve("credentials.json")); // so that only the server has its password

        var restored = command("restore", backup, "--passphrase-file", passphrase.toString());
        assertThat(restored.status()).as(restored.output()).isZero();
        assertThat(restored.output()).contains("secret-key", "RESTIC_FLEET_LISTEN=127.0.0.1:");
        other.agent().start();
        server.restart();

        server.awaitOnline(one.host());
        server.awaitOnline(other.host());
        var decided = server.request("POST", "/api/restored", Map.of("decision", "push"));
        assertThat(decided.status() / 100).as(decided.text()).isEqualTo(2);
        assertThat(server.items("/api/restored")).isEmpty();
        for (var machine : List.of(one, other)) {
            eventually(() -> {
                var set = server.get("/api/hosts/" + machine.host() + "/schedules");
                assertThat(set.path("applied_version")).isEqualTo(set.path("version"));
            });
            var job = server.awaitEnd(server.run(machine.host()));
            assertThat(job.path("status").asText()).as(job.toString()).isEqualTo("succeeded");
            eventually(() -> assertThat(server.items("/api/hosts/" + machine.host() + "/snapshots"))
                    .hasSize(2));
            machine.agent().assertAlive();
        }
        var doctor = command("doctor", "--data-dir", server.dataDir().toString(), "--listen", authority());
        assertThat(doctor.output()).contains("opens all 3 secrets").doesNotContain("PROBLEM");
    }

    @Test
    void start_failures_are_explained_in_one_sentence() throws Exception {
        try (var taken = new ServerSocket(0)) {
            var data = fleet.directory("data").resolve("data");
            var start =
                    command("serve", "--data-dir", data.toString(), "--listen", "127.0.0.1:" + taken.getLocalPort());
            assertThat(start.status()).isEqualTo(1);
            assertThat(start.output())
                    .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .doesNotContain("\tat ");
        }
        var second = command("serve", "--data-dir", fleet.server().dataDir().toString(), "--listen", "127.0.0.1:0");
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.output())
                .contains("another restic-fleet server is using")
                .doesNotContain("\tat ");
        var file = Files.createFile(fleet.directory("file").resolve("file"));
        var nowhere = command("serve", "--data-dir", file.resolve("data").toString(), "--listen", "127.0.0.1:0");
        assertThat(nowhere.status()).isEqualTo(1);
        assertThat(nowhere.output())
                .contains("cannot use " + file.resolve("data"))
                .doesNotContain("\tat ");
    }

    private Fleet.Machine machine() throws Exception {
        var machine = fleet.machine(Restic.newest(), Sources.small(fleet.directory("files")))
                .join();
        var first = fleet.server().awaitEnd(fleet.server().run(machine.host()));
        assertThat(first.path("status").asText()).as(first.toString()).isEqualTo("succeeded");
        return machine;
    }

    private String authority() {
        return URI.create(fleet.server().url()).getAuthority();
    }

    private Program.Ended command(String command, Path file, String... more) throws Exception {
        var arguments = new ArrayList<>(
                List.of(file.toString(), "--data-dir", fleet.server().dataDir().toString()));
        arguments.addAll(List.of(more));
        return command(command, arguments.toArray(String[]::new));
    }

    private Program.Ended command(String command, String... more) throws Exception {
        var arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of(more));
        return Program.run(fleet.directory("console"), Map.of(), Program.java(ServerProcess.JAR, arguments));
    }
}
