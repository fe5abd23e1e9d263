package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small file system for the state directory; needs the permission to mount one. */
class FullDiskTest {

    private static final int FILLER_BYTES = 512 * 1024;

    @TempDir
    Path root;

    JobHarness harness;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectory(root.resolve("state"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", root + "/state"),
                "no permission to mount");
        harness = new JobHarness(root);
        harness.state.reserve().restore();
        harness.createRepository();
    }

    @AfterEach
    void stop() throws Exception {
        if (harness != null) {
            harness.close();
            harness.state.placesOf("elsewhere").stream()
                    .skip(1)
                    .map(Path::getParent)
                    .forEach(harness.state::deleteTree);
            run("umount", "--lazy", root + "/state");
        }
    }

    @Test
    void a_backup_succeeds_and_is_reported() {
        fill();

        var end = harness.run(JobHarness.backupOf(noise().toString()));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.snapshotId()).isPresent();
        assertReported();
        assertThat(harness.log(end.jobId().value())).contains("made snapshot");
    }

    @Test
    void logs_are_dropped_with_a_note_when_there_is_hardly_any_space() throws IOException {
        fill();
        harness.state.reserve().release();
        fill();
        Files.delete(filler()); // space for the results only

        var end = harness.run(JobHarness.backupOf(harness.files.toString()));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(end.jobId().value()))
                .contains("lines of the log were dropped")
                .doesNotContain("made snapshot");
    }

    private void assertReported() {
        eventually(
                () -> assertThat(harness.sent(ToServer.SnapshotsReport.class)).isNotEmpty());
    }

    private void fill() {
        for (int size = FILLER_BYTES; size > 0; size /= 2) {
            try {
                while (true) {
                    Files.write(Files.createTempFile(root.resolve("state"), "filler", ""), new byte[size]);
                }
            } catch (IOException e) {
                continue; // full, except for smaller files
            }
        }
    }

    private Path filler() throws IOException {
        try (var files = Files.list(root.resolve("state"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("filler")
                            && file.toFile().length() == FILLER_BYTES)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** More than the reserve's size. */
    private Path noise() {
        var noise = new byte[40 << 20];
        new Random(1).nextBytes(noise);
        JobHarness.write(root.resolve("noise/noise"), noise);
        return root.resolve("noise");
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).inheritIO().start();
        return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
