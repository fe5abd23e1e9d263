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

/** A server whose database is put back from a copy gets its results again, and undoes nothing unasked. */
class RestoreTest {

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void restored_by_command_it_hears_again_what_it_has_lost_and_keeps_what_the_machine_holds() throws Exception {
        var machine = machine();
        var copy = copy();
        var since = changeAndRun(machine);
        fleet.server().stop();

        var restored = command("restore", copy.toString());
        assertThat(restored.status()).as(restored.output()).isZero();
        assertThat(restored.output()).contains("until you decide");
        fleet.server().restart();

        assertHeardAgain(machine, since);
        assertThat(names(machine)).doesNotContain("later");
        decide(machine, "keep");
        eventually(() -> assertThat(names(machine)).contains("later"));
        assertInStep(machine);
    }

    @Test
    void put_back_by_hand_it_is_noticed_too_and_pushes_its_own_when_told_to() throws Exception {
        var machine = machine();
        var copy = copy();
        var since = changeAndRun(machine);
        fleet.server().stop();

        var database = fleet.server().dataDir().resolve("restic-fleet.db");
        Files.copy(copy, database, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(database.resolveSibling("restic-fleet.db-wal"));
        Files.deleteIfExists(database.resolveSibling("restic-fleet.db-shm"));
        fleet.server().restart();

        assertHeardAgain(machine, since);
        decide(machine, "push");
        assertInStep(machine);
        assertThat(names(machine)).doesNotContain("later");
        assertThat(Files.readString(machine.place().resolve("state/schedules.json")))
                .doesNotContain("later");
    }

    private Fleet.Machine machine() throws Exception {
        var source = Sources.small(fleet.place("files"));
        var machine = fleet.machine(Restic.newest(), source).join();
        var server = fleet.server();
        var first = server.ended(server.run(machine.host()));
        assertThat(first.path("status").asText()).isEqualTo("succeeded");
        return machine;
    }

    private Path copy() throws Exception {
        var copy = fleet.place("copies").resolve("copy.db");
        var done = command("backup", copy.toString());
        assertThat(done.status()).as(done.output()).isZero();
        return copy;
    }

    /** A schedule and a run that the copy does not have; returns the id of the run. */
    private String changeAndRun(Fleet.Machine machine) throws Exception {
        var server = fleet.server();
        var source = Sources.small(fleet.place("other files"));
        var later = server.schedule(machine.host(), Sources.manual("later", 0, List.of(source)));
        var job = server.ended(server.runSchedule(machine.host(), later));
        assertThat(job.path("status").asText()).isEqualTo("succeeded");
        eventually(() -> assertThat(server.items("/api/hosts/" + machine.host() + "/snapshots"))
                .hasSize(2));
        return job.path("id").asText();
    }

    private void assertHeardAgain(Fleet.Machine machine, String job) throws Exception {
        var server = fleet.server();
        eventually(() -> assertThat(server.ask("GET", "/api/jobs/" + job, null)
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
                fleet.place("console"),
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
