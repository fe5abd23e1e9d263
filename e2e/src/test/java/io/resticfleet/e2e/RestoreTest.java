package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server restored from an older database receives its results again, and changes nothing unasked. */
class RestoreTest {

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void restored_by_command_it_receives_lost_results_again_and_keeps_the_machines_schedules() throws Exception {
        var machine = machine();
        var copy = copy();
        var since = changeAndRun(machine);
        fleet.server().stop();

        var restored = command("restore", copy.toString());
        assertThat(restored.status()).as(restored.output()).isZero();
        assertThat(restored.output()).contains("until you decide");
        fleet.server().restart();

        assertReceivedAgain(machine, since);
        assertThat(names(machine)).doesNotContain("later");
        decide(machine, "keep");
        eventually(() -> assertThat(names(machine)).contains("later"));
        assertInStep(machine);
    }

    @Test
    void a_database_replaced_by_hand_is_noticed_and_its_schedules_are_pushed_on_request() throws Exception {
        var machine = machine();
        var copy = copy();
        var since = changeAndRun(machine);
        fleet.server().stop();

        var database = fleet.server().dataDir().resolve("restic-fleet.db");
        Files.copy(copy, database, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(database.resolveSibling("restic-fleet.db-wal"));
        Files.deleteIfExists(database.resolveSibling("restic-fleet.db-shm"));
        fleet.server().restart();

        assertReceivedAgain(machine, since);
        decide(machine, "push");
        assertInStep(machine);
        assertThat(names(machine)).doesNotContain("later");
        assertThat(Files.readString(machine.directory().resolve("state/schedules.json")))
                .doesNotContain("later");
    }

    private Fleet.Machine machine() throws Exception {
        var source = Sources.small(fleet.directory("files"));
        var machine = fleet.machine(Restic.newest(), source).join();
        var server = fleet.server();
        var first = server.awaitEnd(server.run(machine.host()));
        assertThat(first.path("status").asText()).isEqualTo("succeeded");
        return machine;
    }

    private Path copy() throws Exception {
        var copy = fleet.directory("copies").resolve("copy.db");
        var done = command("backup", copy.toString());
        assertThat(done.status()).as(done.output()).isZero();
        return copy;
    }

    /** Adds a schedule and a run that the copy does not have; returns the id of the run. */
    private String changeAndRun(Fleet.Machine machine) throws Exception {
        var server = fleet.server();
        var source = Sources.small(fleet.directory("other files"));
        var later = server.schedule(machine.host(), Sources.manual("later", 0, List.of(source)));
        var job = server.awaitEnd(server.runSchedule(machine.host(), later));
        assertThat(job.path("status").asText()).isEqualTo("succeeded");
        eventually(() -> assertThat(server.items("/api/hosts/" + machine.host() + "/snapshots"))
                .hasSize(2));
        return job.path("id").asText();
    }

    private void assertReceivedAgain(Fleet.Machine machine, String job) throws Exception {
        var server = fleet.server();
        eventually(() -> assertThat(server.request("GET", "/api/jobs/" + job, null)
                        .body()
                        .path("status")
                        .asText())
                .isEqualTo("succeeded"));
        eventually(() -> assertThat(server.items("/api/hosts/" + machine.host() + "/snapshots"))
                .hasSize(2));
        assertThat(server.items("/api/jobs?kind=backup&host=" + machine.host())).hasSize(2);
        assertThat(server.items("/api/restored"))
                .singleElement()
                .satisfies(item -> assertThat(item.path("host_id").asText()).isEqualTo(machine.host()));
    }

    private void decide(Fleet.Machine machine, String decision) throws Exception {
        fleet.server().post("/api/hosts/" + machine.host() + "/restored", Map.of("decision", decision));
    }

    private void assertInStep(Fleet.Machine machine) throws Exception {
        eventually(() -> {
            var set = fleet.server().get("/api/hosts/" + machine.host() + "/schedules");
            assertThat(set.path("applied_version").asLong())
                    .isEqualTo(set.path("version").asLong());
        });
        assertThat(fleet.server().items("/api/restored")).isEmpty();
        machine.agent().assertAlive();
    }

    private List<String> names(Fleet.Machine machine) throws Exception {
        return fleet.server().get("/api/hosts/" + machine.host() + "/schedules").findValuesAsText("name");
    }

    private Program.Ended command(String command, String file) throws Exception {
        return Program.run(
                fleet.directory("console"),
                Map.of(),
                Program.java(
                        ServerProcess.JAR,
                        List.of(
                                command,
                                file,
                                "--data-dir",
                                fleet.server().dataDir().toString())));
    }
}
