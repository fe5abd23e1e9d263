package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.DetachedRun;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that were not synced before a power cut: they are missing, or full of zeros. */
@Tag("slow")
class PowerCutTest {

    private static final Path TOOLS = Path.of("../.tools");

    @TempDir
    Path root;

    JobHarness harness;

    @BeforeEach
    void start() {
        harness = new JobHarness(root, HookRule.FROM_SERVER, "/usr/bin/restic", JobHarness.LIMITS);
        harness.createRepository();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    static Stream<String> restics() throws IOException {
        var newer = Files.isDirectory(TOOLS) ? Files.list(TOOLS) : Stream.<Path>empty();
        try (newer) {
            return Stream.concat(
                    Stream.of("/usr/bin/restic"),
                    newer.filter(tool -> tool.getFileName().toString().startsWith("restic-"))
                            .map(tool -> tool.resolve("restic").toString()))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_cache_without_its_version_is_created_again(String restic) throws IOException {
        with(restic);
        harness.run(harness.everything());
        cached("version").forEach(PowerCutTest::empty);

        var end = harness.run(harness.everything());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(end.jobId().value())).doesNotContain("unable to open cache");
        assertThat(cached("version")).allSatisfy(file -> assertThat(file).isNotEmptyFile());
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_backup_survives_a_cache_of_zeros(String restic) throws IOException {
        with(restic);
        harness.run(harness.everything());
        cached("index").forEach(PowerCutTest::zero);

        var end = harness.run(harness.everything());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.restic("snapshots", "--json"))
                .contains(end.snapshotId().orElseThrow());
    }

    @Test
    void a_damaged_repository_is_tried_twice_and_no_more() throws IOException {
        harness.run(harness.everything());
        try (var files = Files.walk(harness.repository.resolve("index"))) {
            files.filter(Files::isRegularFile).forEach(PowerCutTest::zero);
        }
        cached("index").forEach(PowerCutTest::zero);

        var end = harness.run(harness.everything());

        assertThat(end.errorCode()).contains(ErrorCode.DAMAGED.reported());
        assertThat(harness.log(end.jobId().value())).containsOnlyOnce("trying again without it");
    }

    @Test
    void a_hook_that_was_running_does_not_run_again() throws Exception {
        var jobId = harness.submit(JobHarness.schedule(
                JobKind.BACKUP,
                List.of(harness.files.toString()),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                new Hooks(Optional.of("echo ran >>" + root + "/ran; exec tail -f /dev/null"), Optional.empty())));
        eventually(() -> assertThat(root.resolve("ran")).hasContent("ran"));
        harness.close();
        cutPower(root.resolve("state/jobs/" + jobId + "/steps/pre-hook"));

        harness = new JobHarness(root, HookRule.FROM_SERVER, "/usr/bin/restic", JobHarness.LIMITS);

        var end = harness.end(jobId);
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(root.resolve("ran")).hasContent("ran");
        assertThat(harness.repository.resolve("snapshots")).isEmptyDirectory();
    }

    /** Kills a program with its wrapper, and deletes all files that were not synced. */
    private static void cutPower(Path step) throws Exception {
        var program = DetachedRun.adopt(step);
        program.signal("KILL");
        eventually(() -> assertThat(step.resolve("exit")).exists());
        for (var name : List.of("exit", "process", "stdout", "stderr")) {
            Files.delete(step.resolve(name));
        }
    }

    private void with(String restic) {
        harness.close();
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
    }

    /** Cached files of one kind. */
    private List<Path> cached(String kind) throws IOException {
        try (var files = Files.walk(root.resolve("state/cache"))) {
            var found = files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("/" + kind))
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }

    private static void empty(Path file) {
        overwrite(file, 0);
    }

    private static void zero(Path file) {
        overwrite(file, (int) file.toFile().length());
    }

    private static void overwrite(Path file, int length) {
        assertThat(file.toFile().setWritable(true)).isTrue();
        JobHarness.write(file, new byte[length]);
    }
}
