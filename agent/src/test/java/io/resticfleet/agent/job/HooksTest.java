package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator's commands before and after a backup. */
@Tag("slow")
class HooksTest {

    private static final RetentionPolicy KEEP_ONE = new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty());

    @TempDir
    Path root;

    JobHarness harness;

    @BeforeEach
    void start() {
        harness = new JobHarness(root, HookRule.FROM_SERVER, "/usr/bin/restic", JobHarness.LIMITS);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void hooks_that_the_owner_does_not_allow_do_not_run() {
        harness.close();
        harness = new JobHarness(root);
        harness.createRepository();
        var end = harness.run(hooked("touch " + root + "/ran", ""));

        assertThat(end.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.error().orElseThrow()).contains("may only be the name of a script in /etc/restic-fleet/hooks");
        assertThat(end.errorCode()).contains(ErrorCode.HOOKS_REFUSED.reported());
        assertThat(root.resolve("ran")).doesNotExist();
    }

    @Test
    void allowed_hooks_run_around_the_backup_with_its_details() {
        harness.createRepository();

        var end = harness.run(hooked("echo before $RESTIC_FLEET_SCHEDULE_NAME", "echo after $RESTIC_FLEET_STATUS"));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(end.jobId().value()))
                .contains("hook before nightly")
                .contains("hook after succeeded");
    }

    @Test
    void a_list_of_snapshots_that_cannot_be_stored_leaves_the_post_hook_and_the_result() throws Exception {
        harness.createRepository();
        Files.createDirectories(root.resolve("state/snapshots.ndjson/in-the-way"));

        var end = harness.run(hooked("true", "touch " + root + "/posted"));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(root.resolve("posted")).exists();
    }

    @Test
    void a_repository_that_the_hooks_mount_is_listed_pruned_checked_and_unlocked_between_them() throws Exception {
        harness.createRepository();
        var disk = root.resolve("disk");
        Files.move(harness.repository, disk);
        var mount = "ln -s " + disk + " " + harness.repository;
        var unmount = "rm " + harness.repository;
        new StaleLockMarker(harness.state).set(Optional.empty());

        var backup = harness.run(hooked(mount, unmount, KEEP_ONE));
        var kinds = List.of(
                schedule(JobKind.FORGET, mount, unmount),
                schedule(JobKind.PRUNE, mount, unmount),
                schedule(JobKind.CHECK, mount, unmount));

        assertThat(backup.status()).as(backup.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(new StaleLockMarker(harness.state).isSet()).isFalse();
        assertThat(harness.sent(ToServer.SnapshotsReport.class))
                .singleElement()
                .satisfies(report -> assertThat(report.snapshots()).hasSize(1));
        for (var schedule : kinds) {
            var end = harness.run(schedule);
            assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(harness.log(end.jobId().value())).contains("running the post hook");
        }
        assertThat(harness.repository).doesNotExist();
    }

    private static Schedule schedule(JobKind kind, String pre, String post) {
        return JobHarness.schedule(
                kind, List.of(), KEEP_ONE, BackupOptions.NONE, new Hooks(Optional.of(pre), Optional.of(post)));
    }

    @Test
    void a_failing_pre_hook_prevents_the_backup_and_the_post_hook_still_runs() {
        var end = harness.run(hooked("exit 7", "echo $RESTIC_FLEET_STATUS >" + root + "/after"));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("pre hook failed with exit code 7");
        assertThat(end.errorCode()).contains(ErrorCode.HOOK_FAILED.reported());
        assertThat(root.resolve("after")).hasContent("failed");
        assertThat(harness.repository).doesNotExist();
    }

    @Test
    void the_post_hook_runs_after_a_backup_that_was_killed() throws IOException {
        harness.createRepository();
        harness.close();
        var killed = JobHarness.resticBut(root, "*' backup '*) kill -s KILL 0;;");
        harness = new JobHarness(root, HookRule.FROM_SERVER, killed, JobHarness.LIMITS);

        var end = harness.run(hooked("true", "echo $RESTIC_FLEET_STATUS >" + root + "/after"));

        assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(root.resolve("after")).hasContent("interrupted");
        assertThat(end.errorCode()).contains(ErrorCode.INTERRUPTED.reported());
    }

    @Test
    void a_backup_whose_start_is_unknown_cannot_start_during_the_post_hook() throws IOException {
        harness.createRepository();
        var gate = root.resolve("gate");
        var waits = "until [ -e " + gate + " ]; do sleep 0.1; done";
        var jobId = harness.submit(
                hooked(waits, "ls \"" + root + "/state/jobs/$RESTIC_FLEET_JOB_ID/steps/backup\" >" + root + "/after"));
        var steps = root.resolve("state/jobs/" + jobId + "/steps");
        eventually(() -> assertThat(steps.resolve("pre-hook/process")).exists());
        harness.close();
        Files.createFile(Files.createDirectory(steps.resolve("backup")).resolve("begun"));
        Files.createFile(gate);

        harness = new JobHarness(root, HookRule.FROM_SERVER, "/usr/bin/restic", JobHarness.LIMITS);

        assertThat(harness.end(jobId).status()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(root.resolve("after")).content().contains("claim");
    }

    @Test
    void a_failing_post_hook_sets_the_code_unless_the_backup_failed() {
        harness.createRepository();

        var good = harness.run(hooked("true", "exit 3"));
        harness.configure(harness.repository.toString(), "not-the-password");
        var bad = harness.run(hooked("true", "exit 3"));

        assertThat(good.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(good.errorCode()).contains(ErrorCode.HOOK_FAILED.reported());
        assertThat(bad.status()).isEqualTo(JobStatus.FAILED);
        assertThat(bad.error().orElseThrow()).contains("password is wrong").contains("post hook failed");
        assertThat(bad.errorCode()).contains(ErrorCode.WRONG_PASSWORD.reported());
    }

    @Test
    void the_time_limit_of_a_hook_counts_from_its_start_when_the_agent_was_restarted_meanwhile() throws Exception {
        harness.createRepository();
        assertThat(new ProcessBuilder("mkfifo", root + "/never").start().waitFor())
                .isZero();
        var jobId = harness.submit(hooked("touch " + root + "/began; cat " + root + "/never", ""));
        eventually(() -> assertThat(root.resolve("began")).exists());
        harness.close();
        try (var files = Files.walk(root.resolve("state"))) {
            Files.writeString(
                    files.filter(file -> file.endsWith("pre-hook/begun"))
                            .findFirst()
                            .orElseThrow(),
                    InstantSource.system().instant().minusSeconds(7_200).toString());
        }
        var hour = new Limits(
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofSeconds(20),
                Duration.ofHours(1),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofSeconds(5));
        harness = new JobHarness(root, HookRule.FROM_SERVER, "/usr/bin/restic", hour);

        assertThat(harness.end(jobId).errorCode()).contains(ErrorCode.HOOK_FAILED.reported());
    }

    @Test
    void the_cause_of_a_partial_backup_sets_the_code_before_a_failed_retention() throws IOException {
        harness.createRepository();
        harness.close();
        var failing = JobHarness.resticBut(root, "*' forget '*) echo 'Fatal: 403 Forbidden' >&2; exit 1;;");
        harness = new JobHarness(root, HookRule.FROM_SERVER, failing, JobHarness.LIMITS);

        var succeeded = harness.run(hooked("true", "true", KEEP_ONE));
        var partial = harness.run(hooked("true", "exit 3", KEEP_ONE));

        assertThat(succeeded.status()).as(succeeded.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(succeeded.errorCode()).contains(ErrorCode.FORBIDDEN.reported());
        assertThat(partial.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(partial.error().orElseThrow()).contains("403").contains("post hook failed");
        assertThat(partial.errorCode()).contains(ErrorCode.HOOK_FAILED.reported());
    }

    private Schedule hooked(String pre, String post) {
        return hooked(pre, post, RetentionPolicy.NONE);
    }

    private Schedule hooked(String pre, String post, RetentionPolicy retention) {
        return JobHarness.schedule(
                JobKind.BACKUP,
                List.of(harness.files.toString()),
                retention,
                BackupOptions.NONE,
                new Hooks(Optional.of(pre), Optional.of(post)));
    }
}
