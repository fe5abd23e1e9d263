package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kill -9 or a cancel during a backup: the job is reported truthfully, and the next backup works. */
class CrashTest {

    /** About eight seconds for the large files. */
    private static final int SLOW_KIB = 2_048;

    private static final int LARGE_MIB = 16;
    private static final int STALLED_KIB = 64;

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    static Stream<Restic> restics() {
        return Restic.edges();
    }

    @Test
    void a_job_outlives_the_server_and_ends_once() throws Exception {
        var machine = machine(Restic.newest());
        var job = startBackup(machine, SLOW_KIB);

        FLEET.server().kill();
        FLEET.server().restart();

        assertEndedOnce(machine, job, "succeeded");
        try (var libraries = Files.list(FLEET.server().dataDir().resolve("native"))) {
            assertThat(libraries).as("the library of SQLite, and its lock").hasSizeBetween(1, 2);
        }
    }

    @Test
    void a_job_outlives_the_agent_and_ends_once() throws Exception {
        var machine = machine(Restic.newest());
        var job = startBackup(machine, SLOW_KIB);

        machine.agent().kill();
        assertThat(Processes.restics(machine.directory())).hasSize(1);
        machine.agent().start();

        assertEndedOnce(machine, job, "succeeded");
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_machine_that_lost_power_reports_it_and_removes_its_own_lock(Restic restic) throws Exception {
        var machine = machine(restic);
        var job = startBackup(machine, STALLED_KIB);

        machine.agent().kill();
        for (var process : Processes.using(machine.directory())) {
            Processes.signal(process, "KILL");
        }
        eventually(() -> assertThat(Processes.using(machine.directory())).isEmpty());
        assertThat(machine.restic().locks()).isNotEmpty();
        machine.agent().start();

        assertEndedOnce(machine, job, "interrupted");
        assertNextRunIsFine(machine);
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_cancelled_backup_leaves_no_lock(Restic restic) throws Exception {
        var machine = machine(restic);
        var job = startBackup(machine, SLOW_KIB); // restic finishes the pack it is uploading, however slow

        FLEET.server().post("/api/jobs/" + job + "/cancel", Map.of());

        assertEndedOnce(machine, job, "cancelled");
        assertThat(machine.restic().locks()).isEmpty();
        assertNextRunIsFine(machine);
    }

    private static Fleet.Machine machine(Restic restic) throws Exception {
        var machine = FLEET.machine(restic).join();
        machine.restic().init();
        return machine;
    }

    /** Starts a slow backup; returns its id once restic is uploading. */
    private static String startBackup(Fleet.Machine machine, int limitUploadKib) throws Exception {
        var source = Sources.large(Files.createDirectories(machine.directory().resolve("source")), LARGE_MIB);
        var schedule = Sources.manual("slow", limitUploadKib, List.of(source));
        var server = FLEET.server();
        var job = server.runSchedule(machine.host(), server.schedule(machine.host(), schedule));
        server.awaitRunning(job);
        eventually(() -> assertThat(packs(machine.repository())).isPositive());
        return job;
    }

    /** The number of pack files, complete or being written. */
    private static long packs(Path repository) throws Exception {
        try (var directories = Files.list(repository.resolve("data"))) {
            return directories
                    .mapToLong(directory -> directory.toFile().list().length)
                    .sum();
        }
    }

    private static void assertEndedOnce(Fleet.Machine machine, String id, String status) throws Exception {
        var job = FLEET.server().awaitEnd(id);
        assertThat(job.path("status").asText()).as(FLEET.server().jobLog(id)).isEqualTo(status);
        assertThat(job.path("error").isNull()).isEqualTo(status.equals("succeeded"));
        assertThat(FLEET.server().jobLog(id)).containsOnlyOnce("ended: ").contains("ended: " + status);
        assertThat(FLEET.server().items("/api/jobs?kind=backup&host=" + machine.host()))
                .hasSize(1);
        assertThat(machine.restic().snapshots()).hasSize(status.equals("succeeded") ? 1 : 0);
        machine.agent().assertAlive();
    }

    private static void assertNextRunIsFine(Fleet.Machine machine) throws Exception {
        var source = Sources.small(Files.createDirectories(machine.directory().resolve("other source")));
        var server = FLEET.server();
        server.awaitOnline(machine.host());
        var schedule = server.schedule(machine.host(), Sources.manual("next", 0, List.of(source)));
        var job = server.awaitEnd(server.runSchedule(machine.host(), schedule));
        assertThat(job.path("status").asText())
                .as(server.jobLog(job.path("id").asText()))
                .isEqualTo("succeeded");
        assertThat(machine.restic().locks()).isEmpty();
    }
}
