package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.resticfleet.agent.job.SourceHistory.Completeness;
import io.resticfleet.agent.question.HangingMount;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that restic reports as successful although they saved less than is meant. */
class SourcesTest {

    private static final RetentionPolicy KEEP_TWO = new RetentionPolicy(2, 0, 0, 0, 0, 0, Optional.empty());
    private static final BackupOptions ALLOW_SYMLINK = new BackupOptions(false, false, 0, true, false);
    private static final BackupOptions ALLOW_EMPTY = new BackupOptions(false, false, 0, false, true);

    @TempDir
    Path root;

    JobHarness harness;

    @BeforeEach
    void start() {
        harness = new JobHarness(root);
        harness.createRepository();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void a_path_that_is_a_symbolic_link_makes_the_backup_partial() throws IOException {
        var link = Files.createSymbolicLink(root.resolve("link"), harness.files).toString();

        var plain = harness.run(JobHarness.backupOf(link));
        var withSlash = harness.run(JobHarness.backupOf(link + "/"));
        var allowed = harness.run(JobHarness.backupOf(List.of(link), RetentionPolicy.NONE, ALLOW_SYMLINK));

        assertPartial(plain, ErrorCode.PATH_IS_SYMLINK);
        assertThat(plain.error().orElseThrow()).contains(link + " -> " + harness.files);
        assertPartial(withSlash, ErrorCode.PATH_IS_SYMLINK);
        assertThat(allowed.status()).as(allowed.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.restic("ls", plain.snapshotId().orElseThrow())).doesNotContain("hello.txt");
    }

    @Test
    void snapshots_stay_while_a_source_is_empty_until_that_is_accepted() throws IOException {
        var data = source("data", 3);
        var schedule = keepTwo(data);
        var full = harness.run(schedule);
        empty(data);

        var first = harness.run(schedule);
        var last = harness.run(schedule);
        var forget =
                harness.run(JobHarness.schedule(JobKind.FORGET, List.of(), KEEP_TWO, BackupOptions.NONE, Hooks.NONE));

        assertThat(full.status()).as(full.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertPartial(first, ErrorCode.SOURCE_EMPTY);
        assertThat(first.error().orElseThrow()).contains(data.toString());
        assertPartial(last, ErrorCode.SOURCE_EMPTY);
        assertThat(forget.errorCode()).contains(ErrorCode.RETENTION_HELD.reported());
        assertThat(forget.error().orElseThrow())
                .contains("'nightly'")
                .contains(last.jobId().value());
        assertThat(snapshots()).contains(shortId(full), shortId(first), shortId(last));

        accept(schedule, first.jobId());
        var accepted = harness.run(schedule);

        assertThat(accepted.status()).as(accepted.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(((BackupResult) accepted.stats()).snapshotsRemoved()).contains(2L);
        assertThat(snapshots()).contains(shortId(last), shortId(accepted)).doesNotContain(shortId(full));
    }

    @Test
    void a_run_that_lacks_more_than_the_accepted_one_is_held_again() throws IOException {
        var data = source("data", 3);
        var more = source("more", 3);
        var schedule = keepTwo(data, more);
        harness.run(schedule);
        empty(data);
        var accepted = harness.run(schedule);
        empty(more);
        harness.run(schedule);

        accept(schedule, accepted.jobId());

        assertThat(harness.history.holdsRetention()).isPresent();
        var end = harness.run(schedule);
        assertPartial(end, ErrorCode.SOURCE_EMPTY);
        assertThat(end.error().orElseThrow()).contains(more.toString()).doesNotContain(data.toString());
    }

    @Test
    void an_accepted_run_of_other_paths_is_not_compared_with_the_present_ones() throws IOException {
        var data = source("data", 3);
        var schedule = keepTwo(data);
        harness.run(schedule);
        empty(data);
        var before = harness.run(schedule);
        var edited = excluding(schedule, "cache");
        harness.run(edited);

        accept(edited, before.jobId());

        assertThat(harness.history.holdsRetention()).isPresent();
        assertPartial(harness.run(edited), ErrorCode.SOURCE_EMPTY);
    }

    @Test
    void schedules_that_are_deleted_or_manual_hold_no_forgets() {
        var schedule = keepTwo(harness.files);
        var manual = harness.everything();

        follow(schedule);
        hold(schedule, 1);
        var holds = harness.history.holdsRetention();
        follow();
        hold(schedule, 2);
        var deleted = harness.history.holdsRetention();
        follow(manual);
        hold(manual, 3);

        assertThat(holds).isPresent();
        assertThat(deleted).isEmpty();
        assertThat(harness.history.holdsRetention()).isEmpty();
    }

    @Test
    void one_of_the_last_five_runs_can_be_accepted() {
        var schedule = keepTwo(harness.files);
        var runs = IntStream.range(0, 6).mapToObj(i -> hold(schedule, i)).toList();

        accept(schedule, runs.get(0));
        assertThat(harness.history.holdsRetention()).isPresent();
        accept(schedule, runs.get(1));
        assertThat(harness.history.holdsRetention()).isEmpty();
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
        var data = source("data", 120);
        var schedule = keepTwo(data);
        harness.run(schedule);
        empty(data);
        source("data", 11);

        var end = harness.run(schedule);
        var afterRestart = restarted().run(schedule);

        assertPartial(end, ErrorCode.SOURCE_SHRUNK);
        assertThat(end.error().orElseThrow()).contains("11 files").contains("120");
        assertPartial(afterRestart, ErrorCode.SOURCE_SHRUNK);
        var narrowed = harness.run(excluding(schedule, "file-1"));
        assertThat(narrowed.status()).as(narrowed.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void excludes_that_leave_nothing_make_the_backup_partial() {
        var all = harness.run(excluding(harness.everything(), "*"));
        var itself = harness.run(excluding(harness.everything(), harness.files.toString()));

        assertPartial(all, ErrorCode.NOTHING_SAVED);
        assertPartial(itself, ErrorCode.NOTHING_SAVED);
    }

    @Test
    void a_directory_of_symbolic_links_is_a_complete_source() throws IOException {
        var links = Files.createDirectory(root.resolve("links"));
        Files.createSymbolicLink(links.resolve("link"), harness.files);

        var end = harness.run(JobHarness.backupOf(links.toString()));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_pipe_as_a_path_makes_the_backup_partial() throws IOException, InterruptedException {
        var pipe = root.resolve("pipe");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();

        assertPartial(
                harness.run(JobHarness.backupOf(harness.files.toString(), pipe.toString())), ErrorCode.PATH_IS_SPECIAL);
    }

    @Test
    void unreadable_files_do_not_hold_retention_but_the_last_complete_snapshot_is_kept() throws IOException {
        var schedule = keepTwo(harness.files);
        var complete = harness.run(schedule);
        cannotRead(Path.of("/srv/x"));

        var first = harness.run(schedule);
        var second = harness.run(schedule);
        var third = harness.run(schedule);

        assertPartial(third, ErrorCode.FILES_UNREADABLE);
        assertThat(((BackupResult) third.stats()).snapshotsRemoved()).contains(1L);
        assertThat(snapshots())
                .contains(shortId(complete), shortId(second), shortId(third))
                .doesNotContain(shortId(first));
    }

    @Test
    void unreadable_files_hold_retention_while_no_complete_snapshot_is_known() throws IOException {
        var schedule = keepTwo(harness.files);
        var complete = harness.run(schedule);
        Files.delete(harness.state.root().resolve("sources.json"));
        cannotRead(Path.of("/srv/x"));

        harness.run(schedule);
        harness.run(schedule);
        var last = harness.run(schedule);

        assertPartial(last, ErrorCode.FILES_UNREADABLE);
        assertThat(snapshots()).contains(shortId(complete), shortId(last));
    }

    @Test
    void a_forget_keeps_all_snapshots_of_a_schedule_while_no_complete_one_of_it_is_known() throws IOException {
        var schedule = JobHarness.backupOf(harness.files.toString());
        var forget = JobHarness.schedule(JobKind.FORGET, List.of(), KEEP_TWO, BackupOptions.NONE, Hooks.NONE);
        var complete = harness.run(schedule);
        for (int times = 0; times < 3; times++) {
            harness.restic("backup", "--host=web-01", "--tag=other", harness.files.toString());
        }
        Files.delete(harness.state.root().resolve("sources.json"));
        cannotRead(Path.of("/srv/x"));
        follow(schedule);

        var last = IntStream.range(0, 3)
                .mapToObj(i -> harness.run(schedule))
                .toList()
                .get(2);
        var uncertain = harness.run(forget);
        follow();
        var deleted = harness.run(forget);

        assertPartial(last, ErrorCode.FILES_UNREADABLE);
        assertThat(uncertain.stats()).isEqualTo(new ForgetResult(6, 1));
        assertThat(deleted.stats()).isEqualTo(new ForgetResult(4, 2));
        assertThat(snapshots()).contains(shortId(last)).doesNotContain(shortId(complete));
    }

    @Test
    void a_forget_keeps_the_last_complete_snapshot_while_backups_fail() throws IOException {
        var data = source("data", 3);
        var schedule = keepTwo(data);
        var forget = JobHarness.schedule(JobKind.FORGET, List.of(), KEEP_TWO, BackupOptions.NONE, Hooks.NONE);
        var complete = harness.run(schedule);
        cannotRead(data.resolve("file-1"));
        for (int times = 0; times < 3; times++) {
            harness.run(schedule);
        }
        empty(data);
        Files.delete(data);
        assertThat(harness.run(schedule).status()).isEqualTo(JobStatus.FAILED);

        var end = harness.run(forget);

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(snapshots()).contains(shortId(complete));
    }

    @Test
    void a_path_that_cannot_be_read_is_reported_before_an_empty_one() throws IOException {
        var empty = Files.createDirectory(root.resolve("empty"));
        Files.writeString(harness.root.resolve("fstab"), "UUID=1 " + empty + " ext4");
        cannotRead(harness.files);

        var end = harness.run(keepTwo(harness.files, empty));

        assertPartial(end, ErrorCode.FILES_UNREADABLE);
        assertThat(end.error().orElseThrow()).contains(empty.toString());
    }

    @Test
    void an_empty_path_of_a_first_run_is_no_problem_unless_all_are_empty() throws IOException {
        var empty = Files.createDirectory(root.resolve("empty"));

        var some = harness.run(keepTwo(harness.files, empty));
        var all = harness.run(keepTwo(empty));

        assertThat(some.status()).as(some.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertPartial(all, ErrorCode.SOURCE_EMPTY);
    }

    @Test
    void an_empty_path_of_a_first_run_is_a_problem_if_the_machine_should_mount_something_there() throws IOException {
        var named = Files.createDirectory(root.resolve("a \\ dïsk"));
        Files.writeString(
                harness.root.resolve("fstab"),
                "# comment\n\nproc /proc proc\nUUID=1\t"
                        + named.toString().replace("\\", "\\134").replace(" ", "\\040") + "/  ext4 noauto 0 2\n");

        var end = harness.run(keepTwo(harness.files, named));

        assertPartial(end, ErrorCode.SOURCE_EMPTY);
        assertThat(end.error().orElseThrow()).contains(named.toString());
    }

    @Test
    void an_empty_path_of_a_first_run_is_a_problem_if_it_is_a_mount_point() throws IOException, InterruptedException {
        var data = Files.createDirectory(root.resolve("data"));
        assumeTrue(mount("mount", "-t", "tmpfs", "none", data.toString()), "needs root");
        try {
            assertPartial(harness.run(keepTwo(harness.files, data)), ErrorCode.SOURCE_EMPTY);
        } finally {
            mount("umount", data.toString());
        }
    }

    @Test
    void a_dead_mount_below_a_path_does_not_leave_the_path_out() throws IOException {
        assumeTrue(HangingMount.possible(root.resolve("probe")), "needs root and FUSE");
        var data = Files.createDirectory(root.resolve("data"));
        try (var mount = new HangingMount(data.resolve("dead"))) {
            var schedule =
                    excluding(keepTwo(data, harness.files), mount.directory().toString());

            var first = harness.run(schedule);
            var again = harness.run(schedule);

            assertThat(first.status()).as(first.toString()).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(again.status()).as(again.toString()).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(harness.restic("ls", first.snapshotId().orElseThrow())).contains(data.toString());
        }
    }

    @Test
    void a_path_that_hangs_is_left_out() throws IOException {
        assumeTrue(HangingMount.possible(root.resolve("probe")), "needs root and FUSE");
        try (var mount = new HangingMount(root.resolve("dead"))) {
            var one = harness.run(JobHarness.backupOf(mount.directory().toString(), harness.files.toString()));
            var only = harness.run(JobHarness.backupOf(mount.directory().toString()));

            assertPartial(one, ErrorCode.PATH_UNRESPONSIVE);
            assertThat(one.error().orElseThrow()).contains(mount.directory().toString());
            assertThat(only.status()).isEqualTo(JobStatus.FAILED);
            assertThat(only.errorCode()).contains(ErrorCode.PATH_UNRESPONSIVE.reported());
        }
    }

    @Test
    void a_path_that_is_not_mounted_any_more_makes_the_backup_partial() throws IOException, InterruptedException {
        var data = Files.createDirectory(root.resolve("data"));
        assumeTrue(mount("mount", "-t", "tmpfs", "none", data.toString()), "needs root");
        source("data", 2);
        var schedule = keepTwo(data, harness.files);
        harness.run(schedule);
        mount("umount", data.toString());
        source("data", 1);

        var end = harness.run(schedule);

        assertPartial(end, ErrorCode.SOURCE_SHRUNK);
        assertThat(end.error().orElseThrow()).contains(data.toString());
    }

    private static boolean mount(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    private static void assertPartial(ToServer.JobFinished end, ErrorCode code) {
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.errorCode()).as(end.toString()).contains(code.reported());
        assertThat(end.snapshotId()).isPresent();
    }

    private JobHarness restarted() {
        harness.close();
        harness = new JobHarness(root);
        return harness;
    }

    private void accept(Schedule schedule, JobId jobId) {
        harness.history.follow(new ToAgent.ScheduleSet(1, List.of(schedule), Optional.of(List.of(jobId))));
    }

    private void follow(Schedule... schedules) {
        harness.history.follow(new ToAgent.ScheduleSet(1, List.of(schedules)));
    }

    /** Records a run that saved less than is meant. */
    private JobId hold(Schedule schedule, int number) {
        var jobId = new JobId("01ARZ3NDEKTSV4RRFFQ69G5FA" + number);
        harness.history.ended(schedule, jobId, Optional.of(new Reading(0, Map.of())), "snapshot", Completeness.HELD);
        return jobId;
    }

    /** From now on restic cannot read one file. */
    private void cannotRead(Path file) throws IOException {
        harness.close();
        harness = new JobHarness(
                root,
                HookRule.LOCAL_ONLY,
                JobHarness.resticBut(
                        root,
                        "*' backup '*) /usr/bin/restic \"$@\"; echo '{\"message_type\":\"error\",\"error\":{},"
                                + "\"item\":\"" + file + "\"}' >&2; exit 3;;"),
                JobHarness.LIMITS);
    }

    private static Schedule keepTwo(Path... paths) {
        var manual =
                JobHarness.backupOf(List.of(paths).stream().map(Path::toString).toList(), KEEP_TWO, BackupOptions.NONE);
        return edited(manual, Optional.of("0 3 * * *"), List.of());
    }

    private static Schedule excluding(Schedule of, String pattern) {
        return edited(of, of.cron(), List.of(pattern));
    }

    private static Schedule edited(Schedule of, Optional<String> cron, List<String> excludes) {
        return new Schedule(
                of.id(),
                of.kind(),
                of.name(),
                true,
                cron.isEmpty(),
                cron,
                Optional.empty(),
                of.paths(),
                excludes,
                of.tags(),
                of.retention(),
                of.options(),
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0);
    }

    private Path source(String name, int files) {
        var directory = root.resolve(name);
        for (int i = 0; i < files; i++) {
            JobHarness.write(directory.resolve("file-" + i), "content");
        }
        return directory;
    }

    private static void empty(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                Files.delete(file);
            }
        }
    }

    private String snapshots() {
        return harness.restic("snapshots");
    }

    private static String shortId(ToServer.JobFinished end) {
        return end.snapshotId().orElseThrow().substring(0, 8);
    }
}
