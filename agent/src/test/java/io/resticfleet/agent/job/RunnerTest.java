package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerTest {

    private static final RetentionPolicy KEEP_ONE = new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty());

    @TempDir
    Path root;

    JobBench bench;

    @BeforeEach
    void start() {
        bench = new JobBench(root);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    @Test
    void the_first_backup_creates_the_repository_in_a_job_of_its_own() {
        var end = bench.run(everything());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.snapshotId()).isPresent();
        assertThat(end.error()).isEmpty();
        assertThat(end.stats().filesNew()).contains(1L);
        var init = bench.said(ToServer.JobFinished.class).get(0);
        assertThat(init.kind()).isEqualTo(JobKind.INIT);
        assertThat(init.trigger()).isEqualTo(JobTrigger.AUTO);
        assertThat(init.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(bench.log(end.jobId()))
                .contains("agent running: restic --json backup --host=web-01 --tag=schedule:"
                        + everything().id())
                .contains("made snapshot")
                .doesNotContain(JobBench.PASSWORD)
                .doesNotContain("message_type");
        var report = present(
                () -> bench.said(ToServer.SnapshotsReport.class).stream().findFirst());
        assertThat(report.snapshots()).hasSize(1);
        assertThat(report.snapshots().get(0).hostname()).isEqualTo("web-01");
        assertThat(report.snapshots().get(0).tags()).contains(everything().tag(), "nightly");
        assertThat(report.snapshots().get(0).id()).startsWith(end.snapshotId().get());
    }

    @Test
    void an_unchanged_second_backup_succeeds() {
        bench.run(everything());

        var end = bench.run(everything());

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.stats().filesUnmodified()).contains(1L);
        assertThat(end.startedAt()).isPresent();
    }

    @Test
    void a_missing_path_makes_the_backup_partial() {
        bench.giveRepository();
        var end = bench.run(JobBench.backupOf(bench.files.toString(), root + "/nothing"));

        assertThat(end.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.error().orElseThrow()).contains("do not exist").contains(root + "/nothing");
        assertThat(end.snapshotId()).isPresent();
    }

    @Test
    void without_any_of_its_paths_a_backup_fails() {
        var end = bench.run(JobBench.backupOf(root + "/nothing"));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("none of the paths exist");
    }

    @Test
    void a_path_that_looks_like_an_option_is_a_path() {
        bench.giveRepository();
        JobBench.write(root.resolve("--remove-all/x"), "x");

        var end = bench.run(JobBench.backupOf(root.resolve("--remove-all").toString()));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_wrong_password_is_said_in_words() {
        bench.giveRepository();
        bench.configure(bench.repository.toString(), "not-the-password");

        var end = bench.run(everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("repository password is wrong");
        assertThat(bench.log(end.jobId())).doesNotContain("not-the-password");
    }

    @Test
    void a_repository_that_was_there_is_not_created_anew() throws IOException {
        bench.run(everything());
        Files.move(bench.repository, root.resolve("elsewhere"));

        var end = bench.run(everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("was there before").contains("is the disk mounted?");
        assertThat(bench.repository).doesNotExist();
    }

    @Test
    void an_unreachable_server_fails_at_once_and_creates_nothing() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        bench.configure("rest:http://127.0.0.1:" + port + "/web-01/", JobBench.PASSWORD);

        var end = bench.run(everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).startsWith("repository unreachable");
        assertThat(bench.said(ToServer.JobFinished.class)).hasSize(1);
    }

    @Test
    void a_missing_restic_fails_the_job_and_not_the_agent() {
        bench.close();
        bench = new JobBench(root, HookPolicy.REFUSED, "/nowhere/restic", JobBench.LIMITS);

        assertThat(bench.run(everything()).error().orElseThrow()).contains("restic was not found");
        assertThat(bench.run(everything()).status()).isEqualTo(JobStatus.FAILED);
    }

    @Test
    void a_cancelled_backup_leaves_no_lock_and_progress_was_told() {
        bench.giveRepository();
        var jobId = bench.submit(slow());
        eventually(() -> assertThat(bench.progress).isNotEmpty());

        bench.runner.cancel(jobId);

        assertThat(bench.end(jobId).status()).isEqualTo(JobStatus.CANCELLED);
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_backup_that_does_not_stop_when_asked_is_killed_and_its_lock_goes() {
        bench.close();
        var limits = new Limits(
                Duration.ofMillis(500),
                Duration.ofSeconds(3),
                Duration.ZERO,
                Duration.ofSeconds(20),
                Duration.ofSeconds(30));
        bench = new JobBench(root, HookPolicy.REFUSED, "/usr/bin/restic", limits);
        bench.giveRepository();
        var jobId = bench.submit(slow());
        eventually(this::assertLocked);

        bench.runner.cancel(jobId);

        assertThat(bench.end(jobId).status()).isEqualTo(JobStatus.CANCELLED);
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_killed_restic_fails_the_job_and_its_lock_goes() throws Exception {
        bench.giveRepository();
        var jobId = bench.submit(slow());
        eventually(this::assertLocked);

        ProcessHandle.of(wrapper(jobId)).orElseThrow().children().forEach(ProcessHandle::destroyForcibly);

        var end = bench.end(jobId);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.exitCode()).contains(137);
        assertThat(end.error().orElseThrow()).contains("was killed");
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_restic_that_ended_unseen_is_interrupted() throws Exception {
        bench.giveRepository();
        var jobId = bench.submit(slow());
        eventually(this::assertLocked);
        var group = wrapper(jobId);
        bench.close();
        new ProcessBuilder("/bin/sh", "-c", "kill -s KILL -- -" + group).start().waitFor();

        bench = new JobBench(root);

        var end = bench.end(jobId);
        assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(end.error().orElseThrow()).contains("cannot be known");
    }

    @Test
    void a_queued_job_can_be_cancelled_before_it_begins() {
        bench.giveRepository();
        var first = bench.submit(slow());
        var second = bench.submit(everything());

        bench.runner.cancel(second);
        bench.runner.cancel(first);

        var end = bench.end(second);
        assertThat(end.status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(end.startedAt()).isEmpty();
        bench.end(first);
    }

    @Test
    void a_locked_repository_fails_saying_who_holds_it() throws Exception {
        bench.giveRepository();
        var other = new ProcessBuilder(
                        "/usr/bin/restic",
                        "-r",
                        bench.repository.toString(),
                        "backup",
                        "--limit-upload=1",
                        big().toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        other.environment().put("RESTIC_PASSWORD", JobBench.PASSWORD);
        var holder = other.start();
        try {
            eventually(this::assertLocked);

            var end = bench.end(bench.submit(JobKind.PRUNE));

            assertThat(end.status()).isEqualTo(JobStatus.FAILED);
            assertThat(end.error().orElseThrow()).contains("is locked").contains("pid " + holder.pid());
            assertThat(bench.log(end.jobId())).contains("trying again");
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_backup_goes_on_without_the_agent_and_is_taken_over() {
        bench.giveRepository();
        var jobId = bench.submit(
                schedule(List.of(big(3).toString()), RetentionPolicy.NONE, new BackupOptions(false, false, 1024)));
        eventually(() -> assertThat(root.resolve("state/jobs/" + jobId + "/steps/backup/stdout"))
                .isNotEmptyFile());

        bench.close();
        assertThat(bench.said(ToServer.JobFinished.class)).extracting("jobId").doesNotContain(jobId);
        bench = new JobBench(root);

        var end = bench.end(jobId);
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(bench.restic("snapshots", "--json"))
                .contains(end.snapshotId().orElseThrow());
        assertThat(bench.log(jobId)).containsOnlyOnce("running: restic --json backup");
    }

    @Test
    void retention_keeps_what_it_says_of_this_schedule_only() {
        bench.run(everything());
        bench.restic("backup", "--host=web-01", "--tag=other", bench.files.toString());

        var end = bench.run(schedule(List.of(bench.files.toString()), KEEP_ONE, BackupOptions.NONE));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.stats().snapshotsKept()).contains(1L);
        assertThat(end.stats().snapshotsRemoved()).contains(1L);
        eventually(() -> assertThat(bench.said(ToServer.SnapshotsReport.class))
                .last()
                .extracting(report -> report.snapshots().size())
                .isEqualTo(2));
    }

    @Test
    void retention_follows_a_schedule_whose_other_tags_were_changed() {
        bench.giveRepository();
        var before = everything();
        bench.run(before);

        var end = bench.run(new Schedule(
                before.id(),
                before.kind(),
                before.name(),
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                before.paths(),
                List.of(),
                List.of("renamed"),
                KEEP_ONE,
                BackupOptions.NONE,
                Hooks.NONE));

        assertThat(end.stats().snapshotsKept()).contains(1L);
        assertThat(end.stats().snapshotsRemoved()).contains(1L);
    }

    @Test
    void a_backup_keeps_its_result_when_its_retention_is_killed() throws IOException {
        bench.giveRepository();
        bench.run(everything());
        killedAt(
                "*' forget '*--dry-run*) exec /usr/bin/restic \"$@\";; *' forget '*) kill -s KILL 0;;",
                HookPolicy.REFUSED);

        var end = bench.run(schedule(List.of(bench.files.toString()), KEEP_ONE, BackupOptions.NONE));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.snapshotId()).isPresent();
        assertThat(end.error().orElseThrow()).contains("the backup is good").contains("cannot be known");
    }

    @Test
    void the_hook_after_runs_when_the_backup_was_ended_from_outside() throws IOException {
        bench.giveRepository();
        killedAt("*' backup '*) kill -s KILL 0;;", HookPolicy.ALLOWED);

        var end = bench.run(hooked("true", "echo $RESTIC_FLEET_STATUS >" + root + "/after"));

        assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(root.resolve("after")).hasContent("interrupted");
    }

    @Test
    void what_restic_printed_goes_when_the_job_has_ended() {
        bench.giveRepository();
        var end = bench.run(everything());

        eventually(() ->
                assertThat(root.resolve("state/jobs/" + end.jobId() + "/steps")).doesNotExist());
        assertThat(root.resolve("state/jobs/" + end.jobId() + "/log.ndjson")).exists();
    }

    @Test
    void a_forget_that_would_remove_all_is_refused() {
        bench.giveRepository();

        var end = bench.run(
                JobBench.schedule(JobKind.FORGET, List.of(), RetentionPolicy.NONE, BackupOptions.NONE, Hooks.NONE));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("would delete every snapshot");
    }

    @Test
    void maintenance_kinds_run() {
        bench.giveRepository();

        for (var kind : List.of(JobKind.CHECK, JobKind.PRUNE, JobKind.UNLOCK, JobKind.SNAPSHOTS)) {
            assertThat(bench.end(bench.submit(kind)).status()).as(kind.word()).isEqualTo(JobStatus.SUCCEEDED);
        }
        assertThat(bench.end(bench.submit(JobKind.INIT)).error().orElseThrow()).contains("exists already");
    }

    @Test
    void hooks_that_the_owner_does_not_allow_are_not_run() {
        bench.giveRepository();
        var end = bench.run(hooked("touch " + root + "/ran", ""));

        assertThat(end.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.error().orElseThrow()).contains("--allow-hooks");
        assertThat(root.resolve("ran")).doesNotExist();
    }

    @Test
    void allowed_hooks_run_around_the_backup_and_know_about_it() {
        allowHooks();
        bench.giveRepository();

        var end = bench.run(hooked("echo before $RESTIC_FLEET_SCHEDULE_NAME", "echo after $RESTIC_FLEET_STATUS"));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(bench.log(end.jobId())).contains("hook before nightly").contains("hook after succeeded");
    }

    @Test
    void a_failing_hook_before_stops_the_backup_and_the_one_after_still_runs() {
        allowHooks();

        var end = bench.run(hooked("exit 7", "echo $RESTIC_FLEET_STATUS >" + root + "/after"));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("pre hook failed with exit code 7");
        assertThat(root.resolve("after")).hasContent("failed");
        assertThat(bench.repository).doesNotExist();
    }

    @Test
    void a_job_is_forgotten_once_the_server_has_its_end_and_its_log() {
        bench.giveRepository();
        var end = bench.run(everything());
        eventually(() -> assertThat(bench.said(ToServer.SnapshotsReport.class)).isNotEmpty());
        assertThat(bench.results.openJobs()).contains(end.jobId());

        bench.results.acked(1_000);
        assertThat(bench.results.openJobs()).isEmpty();
        assertThat(root.resolve("state/jobs/" + end.jobId())).exists();
        bench.results.logAcked(end.jobId(), 10_000);

        assertThat(root.resolve("state/jobs/" + end.jobId())).doesNotExist();
        assertThat(bench.journal.knows(end.jobId())).isTrue();
    }

    /** A lock that is whole: restic writes it under another name first. */
    private void assertLocked() {
        assertThat(root.resolve("repository/locks").toFile().list((directory, name) -> !name.contains("-tmp-")))
                .isNotEmpty();
    }

    private long wrapper(String jobId) throws IOException {
        var process = Files.readAllLines(root.resolve("state/jobs/" + jobId + "/steps/backup/process"));
        return Long.parseLong(process.get(1).split(" ")[0]);
    }

    private void allowHooks() {
        bench.close();
        bench = new JobBench(root, HookPolicy.ALLOWED, "/usr/bin/restic", JobBench.LIMITS);
    }

    /** From now on restic is killed, together with what waits for it, when its arguments are such. */
    private void killedAt(String cases, HookPolicy hooks) throws IOException {
        var restic = Files.writeString(
                root.resolve("restic"),
                "#!/bin/sh\ncase \" $* \" in " + cases + " esac\nexec /usr/bin/restic \"$@\"\n");
        Files.setPosixFilePermissions(restic, PosixFilePermissions.fromString("rwxr-xr-x"));
        bench.close();
        bench = new JobBench(root, hooks, restic.toString(), JobBench.LIMITS);
    }

    private Schedule everything() {
        return JobBench.backupOf(bench.files.toString());
    }

    private Schedule hooked(String pre, String post) {
        return JobBench.schedule(
                JobKind.BACKUP,
                List.of(bench.files.toString()),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                new Hooks(Optional.of(pre), Optional.of(post)));
    }

    /** Takes minutes. */
    private Schedule slow() {
        return schedule(List.of(big().toString()), RetentionPolicy.NONE, new BackupOptions(false, false, 100));
    }

    private static Schedule schedule(List<String> paths, RetentionPolicy retention, BackupOptions options) {
        return JobBench.schedule(JobKind.BACKUP, paths, retention, options, Hooks.NONE);
    }

    private Path big() {
        return big(20);
    }

    private Path big(int mebibytes) {
        var noise = new byte[mebibytes << 20];
        new Random(1).nextBytes(noise);
        JobBench.write(root.resolve("big/noise"), noise);
        return root.resolve("big");
    }
}
