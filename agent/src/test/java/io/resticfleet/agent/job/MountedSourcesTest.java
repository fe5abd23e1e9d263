package io.resticfleet.agent.job;

import static io.resticfleet.agent.job.SourceHarness.assertPartial;
import static io.resticfleet.agent.job.SourceHarness.excluding;
import static io.resticfleet.agent.job.SourceHarness.keepTwo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.resticfleet.agent.question.HangingMount;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of paths where something is mounted, should be, or was. */
@Tag("slow")
class MountedSourcesTest {

    @TempDir
    Path root;

    private SourceHarness harness;

    @BeforeEach
    void start() {
        harness = new SourceHarness(root);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void an_empty_path_of_a_first_run_is_a_problem_if_the_machine_should_mount_something_there() throws IOException {
        var named = Files.createDirectory(root.resolve("a \\ $dïsk"));
        Files.writeString(
                root.resolve("fstab"),
                "# comment\n\nproc /proc proc\nUUID=1\t"
                        + named.toString()
                                .replace("\\", "\\134")
                                .replace(" ", "\\040")
                                .replace("$", "\\044") + "/  ext4 noauto 0 2\n");

        var below = Files.createDirectory(named.resolve("below"));

        for (var path : List.of(named, below)) {
            var end = harness.run(keepTwo(harness.jobs().files, path));
            assertPartial(end, ErrorCode.SOURCE_EMPTY);
            assertThat(end.error().orElseThrow()).endsWith(path.toString());
        }
    }

    @Test
    void an_empty_path_of_a_first_run_is_a_problem_if_an_empty_directory_is_bound_there()
            throws IOException, InterruptedException {
        var home = Files.createDirectory(root.resolve("home"));
        Files.writeString(root.resolve("fstab"), "/disk1/home " + home + " none bind,nofail 0 0\n");
        assumeTrue(mount("mount", "--bind", home.toString(), home.toString()), "needs root");
        try {
            assertPartial(harness.run(keepTwo(harness.jobs().files, home)), ErrorCode.SOURCE_EMPTY);
        } finally {
            mount("umount", home.toString());
        }
    }

    @Test
    void a_list_of_mounts_that_cannot_be_read_stops_no_backup() throws IOException {
        Files.createDirectory(root.resolve("fstab"));

        var end = harness.run(keepTwo(harness.jobs().files));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void an_empty_path_of_a_first_run_is_a_problem_if_it_is_a_mount_point() throws IOException, InterruptedException {
        var data = Files.createDirectory(root.resolve("data"));
        assumeTrue(mount("mount", "-t", "tmpfs", "none", data.toString()), "needs root");
        try {
            assertPartial(harness.run(keepTwo(harness.jobs().files, data)), ErrorCode.SOURCE_EMPTY);
        } finally {
            mount("umount", data.toString());
        }
    }

    @Test
    void a_path_that_is_not_mounted_any_more_makes_the_backup_partial() throws IOException, InterruptedException {
        var data = Files.createDirectory(root.resolve("data"));
        assumeTrue(mount("mount", "-t", "tmpfs", "none", data.toString()), "needs root");
        harness.source("data", 2);
        var schedule = keepTwo(data, harness.jobs().files);
        harness.run(schedule);
        mount("umount", data.toString());
        harness.source("data", 1);

        var end = harness.run(schedule);

        assertPartial(end, ErrorCode.SOURCE_SHRUNK);
        assertThat(end.error().orElseThrow()).contains(data.toString());
    }

    @Test
    void a_dead_mount_below_a_path_does_not_leave_the_path_out() throws IOException {
        assumeTrue(HangingMount.possible(root.resolve("probe")), "needs root and FUSE");
        var data = Files.createDirectory(root.resolve("data"));
        try (var mount = new HangingMount(data.resolve("dead"))) {
            var schedule = excluding(
                    keepTwo(data, harness.jobs().files), mount.directory().toString());

            var first = harness.run(schedule);
            var again = harness.run(schedule);

            assertThat(first.status()).as(first.toString()).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(again.status()).as(again.toString()).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(harness.jobs().restic("ls", first.snapshotId().orElseThrow()))
                    .contains(data.toString());
        }
    }

    @Test
    void a_path_that_hangs_is_left_out() throws IOException {
        assumeTrue(HangingMount.possible(root.resolve("probe")), "needs root and FUSE");
        try (var mount = new HangingMount(root.resolve("dead"))) {
            var one = harness.run(JobHarness.backupOf(
                    mount.directory().toString(), harness.jobs().files.toString()));
            var only = harness.run(JobHarness.backupOf(mount.directory().toString()));

            assertPartial(one, ErrorCode.PATH_UNRESPONSIVE);
            assertThat(one.error().orElseThrow()).contains(mount.directory().toString());
            assertThat(only.status()).isEqualTo(JobStatus.FAILED);
            assertThat(only.errorCode()).contains(ErrorCode.PATH_UNRESPONSIVE.reported());
        }
    }

    private static boolean mount(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }
}
