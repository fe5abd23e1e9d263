package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A full disk with the agent's state directory. */
class DiskFullTest {

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void a_backup_is_reported_from_the_reserve_and_without_one_waits_for_space() throws Exception {
        var small = fleet.directory("small disk");
        mount(small);
        try {
            var source = Sources.small(fleet.directory("files"));
            var machine = fleet.machine(Restic.newest(), source)
                    .stateDir(small.resolve("state"))
                    .join();
            var server = fleet.server();
            assertThat(server.awaitEnd(server.run(machine.host()))
                            .path("status")
                            .asText())
                    .isEqualTo("succeeded");
            fill(small.resolve("filler"));

            var id = server.run(machine.host());

            eventually(() -> assertThat(server.job(id).path("finished_at").isNull())
                    .as(server.jobLog(id))
                    .isFalse());
            assertThat(server.job(id).path("status").asText())
                    .as(server.jobLog(id))
                    .isEqualTo("succeeded");
            assertThat(machine.agent().log()).contains("the disk is full");
            machine.agent().assertAlive();
            deleteArchive(small.resolve("state"));
            fill(small.resolve("filler"));
            assertThat(small.resolve("state/ballast")).doesNotExist();
            var later = server.run(machine.host());
            eventually(() -> assertThat(machine.agent().log()).contains("the decision about a run cannot be stored"));
            machine.agent().assertAlive();
            Files.delete(small.resolve("filler"));
            assertThat(server.awaitEnd(later).path("status").asText()).isEqualTo("succeeded");
            machine.agent().stop();
        } finally {
            unmount(small);
        }
    }

    /** Deletes acknowledged results, as the agent does to free space. */
    private static void deleteArchive(Path state) throws Exception {
        eventually(() -> assertThat(state.resolve("outbox").toFile().list((directory, name) -> name.endsWith(".json")))
                .isEmpty());
        try (var archived = Files.list(state.resolve("archive"))) {
            for (var file : archived.toList()) {
                Files.delete(file);
            }
        }
    }

    private static void mount(Path directory) throws Exception {
        var mounted = Program.run(
                directory.getParent(),
                Map.of(),
                List.of("mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", directory.toString()));
        if (mounted.status() != 0) {
            System.out.println("e2e: SKIPPED the full disk: a small one cannot be mounted here: " + mounted.output());
        }
        Assumptions.assumeTrue(mounted.status() == 0, "no permission to mount");
    }

    private static void unmount(Path directory) throws Exception {
        Program.run(directory.getParent(), Map.of(), List.of("umount", "--lazy", directory.toString()));
    }

    private static void fill(Path file) throws IOException {
        for (int size : List.of(64 * 1024, 1)) {
            try (var out = Files.newOutputStream(
                    file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(new byte[size]);
                }
            } catch (IOException e) {
                continue; // full
            }
        }
    }
}
