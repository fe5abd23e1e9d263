package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine that was cloned with its agent: both copies have one identity, and both keep backing up. */
@Tag("faults")
class CloneTest {

    private static final Duration TWO_TICKS = Duration.ofSeconds(150);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void a_machine_and_its_clone_both_keep_backing_up() throws Exception {
        var originals = fleet.directory("original").resolve("backups");
        var clones = fleet.directory("clone").resolve("backups");
        var source = Sources.small(fleet.directory("files"));
        var machine =
                fleet.machine(Restic.newest()).program(counting(originals)).join();
        machine.restic().init();
        fleet.server()
                .schedule(
                        machine.host(),
                        Map.of(
                                "kind",
                                "backup",
                                "name",
                                "often",
                                "cron",
                                "* * * * *",
                                "paths",
                                List.of(source.toString())));
        // Cloned once the repository exists: restic cannot create one twice at the same time.
        within(
                TWO_TICKS,
                () -> assertThat(fleet.server().items("/api/jobs?kind=backup&host=" + machine.host()))
                        .anyMatch(job -> job.path("status").asText().equals("succeeded")));

        machine.agent().stop();
        var state = clones.resolveSibling("state");
        var copied = Program.run(
                clones.getParent(),
                Map.of(),
                List.of("cp", "-a", machine.directory().resolve("state").toString(), state.toString()));
        assertThat(copied.status()).as(copied.output()).isZero();
        var clone = new AgentProcess(clones.getParent(), state, counting(clones));
        try {
            machine.agent().start();
            clone.start();
            assertBothBackUp(machine, clone, originals, clones);
        } finally {
            clone.stop();
        }
    }

    private static void assertBothBackUp(Fleet.Machine machine, AgentProcess clone, Path originals, Path clones)
            throws Exception {
        int before = count(originals);

        within(TWO_TICKS, () -> {
            assertThat(count(originals)).isGreaterThan(before);
            assertThat(count(clones)).isPositive();
        });
        machine.agent().assertAlive();
        clone.assertAlive();
        // Both backups succeed and restic has both snapshots, whatever the server does with two agents of one identity.
        within(TWO_TICKS, () -> assertThat(machine.restic().snapshots()).hasSizeGreaterThanOrEqualTo(before + 2));
    }

    /** A restic that appends a line to the file before each backup. */
    private static Path counting(Path file) throws IOException {
        var program = file.resolveSibling("restic-that-counts");
        Files.writeString(program, """
                #!/bin/sh
                case " $* " in *" backup "*) echo backup >> '%s' ;; esac
                exec '%s' "$@"
                """.formatted(file, Restic.newest().file()));
        Files.setPosixFilePermissions(program, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    private static int count(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }
}
