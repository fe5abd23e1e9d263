package io.resticfleet.agent.job;

import static io.resticfleet.agent.job.SourceHarness.assertPartial;
import static io.resticfleet.agent.job.SourceHarness.empty;
import static io.resticfleet.agent.job.SourceHarness.excluding;
import static io.resticfleet.agent.job.SourceHarness.keepTwo;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that restic reports as successful although they saved less than is meant. */
@Tag("slow")
class SourcesTest {

    private static final BackupOptions ALLOW_SYMLINK = new BackupOptions(
            false, false, 0, true, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    private static final BackupOptions ALLOW_EMPTY = new BackupOptions(
            false, false, 0, false, true, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

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
    void a_path_that_is_a_symbolic_link_makes_the_backup_partial() throws IOException {
        var link = Files.createSymbolicLink(root.resolve("link"), harness.jobs().files)
                .toString();

        var plain = harness.run(JobHarness.backupOf(link));
        var withSlash = harness.run(JobHarness.backupOf(link + "/"));
        var allowed = harness.run(JobHarness.backupOf(List.of(link), RetentionPolicy.NONE, ALLOW_SYMLINK));

        assertPartial(plain, ErrorCode.PATH_IS_SYMLINK);
        assertThat(plain.error().orElseThrow()).contains(link + " -> " + harness.jobs().files);
        assertPartial(withSlash, ErrorCode.PATH_IS_SYMLINK);
        assertThat(allowed.status()).as(allowed.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.jobs().restic("ls", plain.snapshotId().orElseThrow()))
                .doesNotContain("hello.txt");
    }

    @Test
    void an_empty_source_is_allowed_by_the_schedules_option() throws IOException {
        var data = Files.createDirectories(root.resolve("data/only-directories"));

        var end = harness.run(
                JobHarness.backupOf(List.of(data.getParent().toString()), RetentionPolicy.NONE, ALLOW_EMPTY));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_source_that_shrank_to_less_than_a_tenth_makes_the_backup_partial() throws IOException {
        var data = harness.source("data", 120);
        var schedule = keepTwo(data);
        harness.run(schedule);
        empty(data);
        harness.source("data", 11);

        var end = harness.run(schedule);
        harness.restart();
        var afterRestart = harness.run(schedule);

        assertPartial(end, ErrorCode.SOURCE_SHRUNK);
        assertThat(end.error().orElseThrow()).contains("11 files").contains("120");
        assertPartial(afterRestart, ErrorCode.SOURCE_SHRUNK);
        var narrowed = harness.run(excluding(schedule, "file-1"));
        assertThat(narrowed.status()).as(narrowed.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void excludes_that_leave_nothing_make_the_backup_partial() {
        var all = harness.run(excluding(harness.jobs().everything(), "*"));
        var itself = harness.run(
                excluding(harness.jobs().everything(), harness.jobs().files.toString()));

        assertPartial(all, ErrorCode.NOTHING_SAVED);
        assertPartial(itself, ErrorCode.NOTHING_SAVED);
    }

    @Test
    void a_directory_of_symbolic_links_is_a_complete_source() throws IOException {
        var links = Files.createDirectory(root.resolve("links"));
        Files.createSymbolicLink(links.resolve("link"), harness.jobs().files);

        var end = harness.run(JobHarness.backupOf(links.toString()));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_pipe_as_a_path_makes_the_backup_partial() throws IOException, InterruptedException {
        var pipe = root.resolve("pipe");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();

        assertPartial(
                harness.run(JobHarness.backupOf(harness.jobs().files.toString(), pipe.toString())),
                ErrorCode.PATH_IS_SPECIAL);
    }

    @Test
    void a_path_that_cannot_be_read_is_reported_before_an_empty_one() throws IOException {
        var empty = Files.createDirectory(root.resolve("empty"));
        Files.writeString(root.resolve("fstab"), "UUID=1 " + empty + " ext4");
        harness.cannotRead(harness.jobs().files);

        var end = harness.run(keepTwo(harness.jobs().files, empty));

        assertPartial(end, ErrorCode.FILES_UNREADABLE);
        assertThat(end.error().orElseThrow()).contains(empty.toString());
    }

    @Test
    void an_empty_path_of_a_first_run_is_no_problem_unless_all_are_empty() throws IOException {
        var empty = Files.createDirectory(root.resolve("empty"));

        var some = harness.run(keepTwo(harness.jobs().files, empty));
        var all = harness.run(keepTwo(empty));

        assertThat(some.status()).as(some.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertPartial(all, ErrorCode.SOURCE_EMPTY);
    }
}
