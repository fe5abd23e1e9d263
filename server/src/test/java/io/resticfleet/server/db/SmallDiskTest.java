package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server on a file system of 48 MiB, which fills up for real. Needs the right to mount one. */
class SmallDiskTest {

    private static final int BYTES = 48 * 1024 * 1024;

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private final String job = SampleReports.id(1);
    private boolean mounted;

    @BeforeEach
    void moveToSmallDisk(@TempDir Path aside) throws Exception {
        server.stop();
        for (var name : List.of("restic-fleet.db", "secret.key")) {
            Files.copy(server.directory().resolve(name), aside.resolve(name));
        }
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + BYTES, "tmpfs", directory());
        if (mounted) {
            for (var name : List.of("restic-fleet.db", "secret.key")) {
                Files.copy(aside.resolve(name), server.directory().resolve(name));
            }
        }
        server.start();
        assumeTrue(mounted, "a small file system cannot be mounted here");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            server.stop();
            assertThat(run("umount", directory())).isTrue();
            server.start();
        }
    }

    @Test
    void what_a_full_disk_has_no_room_for_is_not_acknowledged_and_comes_when_there_is_room() throws Exception {
        var web = server.enrol("web");
        var schedule = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        assertThat(acks(agent, reports.started(job, schedule))).containsExactly(1L);
        var filling = fill();
        while (storage().equals("ok")) {
            // Each takes new pages of the log, and at last there is none.
            agent.sendAndDrain(reports.log(job, 1 + lines(), 100 + lines()));
        }
        assertThat(storage()).isEqualTo("disk_full");
        long kept = lines();

        assertThat(acks(agent, reports.finished(2, job, schedule))).containsExactly(2L);
        assertThat(agent.sendAndDrain(reports.log(job, kept + 1, kept + 1))).isEmpty();
        assertThat(server.api()
                        .post("/api/hosts/" + web.hostId() + "/schedules", Samples.NIGHTLY)
                        .outcome())
                .isEqualTo("503 storage_trouble");
        assertThat(server.api().get("/api/jobs/" + job).at("/status")).isEqualTo("succeeded");
        server.maintenance().probeStorage();
        assertThat(storage()).isEqualTo("disk_full");
        assertThat(server.directory().resolve("reserve")).doesNotExist();

        Files.delete(filling);
        server.maintenance().probeStorage();

        assertThat(storage()).isEqualTo("ok");
        assertThat(web.connectInSync().sendAndDrain(reports.log(job, kept + 1, kept + 1)))
                .hasSize(1);
        assertThat(lines()).isEqualTo(kept + 1);
        assertThat(server.sql("PRAGMA integrity_check")).containsExactly("ok");
    }

    @Test
    void a_server_starts_on_a_disk_without_a_byte_left_and_goes_on_by_itself() throws Exception {
        server.stop();
        var filling = fill();

        server.start();

        assertThat(storage()).isEqualTo("disk_full");
        assertThat(server.api().get("/api/hosts").status()).isEqualTo(200);
        Files.delete(filling);
        server.maintenance().probeStorage();
        assertThat(storage()).isEqualTo("ok");
        assertThat(server.enrol("web").hostId()).isNotEmpty();
    }

    @Test
    void a_copy_that_there_is_no_room_for_twice_is_not_made() throws Exception {
        var filling = fill();
        try (var file = Files.newByteChannel(filling, StandardOpenOption.WRITE)) {
            file.truncate(Files.size(filling) - Files.size(DatabaseFile.in(server.directory())) * 3 / 2);
        }

        server.maintenance().copyDatabase();

        assertThat(server.directory().resolve("backups")).isEmptyDirectory();
        assertThat(storage()).isEqualTo("ok");
    }

    @Test
    void a_copy_to_another_file_system_is_whole_or_nothing_is_left_of_it(@TempDir Path elsewhere) throws Exception {
        var copy = elsewhere.resolve("copy.db");
        DatabaseFile.copy(server.directory(), copy);
        Migrations.check(copy);
        fill();
        var target = server.directory().resolve("copy.db");

        assertThatThrownBy(() -> DatabaseFile.copy(elsewhere(elsewhere, copy), target))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("could not be copied to " + target)
                .hasMessageContaining("full");

        assertThat(target).doesNotExist();
    }

    private static Path elsewhere(Path directory, Path copy) throws IOException {
        Files.move(copy, DatabaseFile.in(directory));
        return directory;
    }

    private static List<Long> acks(AgentClient agent, ToServer message) throws Exception {
        return agent.sendAndDrain(message).stream()
                .filter(ToAgent.EventAck.class::isInstance)
                .map(ack -> ((ToAgent.EventAck) ack).sequence())
                .toList();
    }

    private long lines() throws Exception {
        return Long.parseLong(
                server.sql("SELECT coalesce(max(last_line), 0) FROM job_log").get(0));
    }

    private String storage() throws Exception {
        return server.api().request("GET", "/healthz", "").at("/storage");
    }

    private String directory() {
        return server.directory().toString();
    }

    /** Takes all the room that is left. */
    private Path fill() throws IOException {
        var filling = server.directory().resolve("filling");
        try (var out = Files.newOutputStream(filling)) {
            var bytes = new byte[4_096];
            for (int written = 0; written < BYTES; written += bytes.length) {
                out.write(bytes);
            }
        } catch (IOException e) {
            return filling; // full
        }
        throw new AssertionError("the disk is larger than it was made");
    }

    private static boolean run(String... command) throws Exception {
        var process = new ProcessBuilder(command).inheritIO().start();
        return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
