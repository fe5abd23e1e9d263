package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a machine with a policy. */
@Tag("slow")
class PolicyTest {

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
    void a_hook_that_names_a_local_script_runs_it() throws IOException {
        harness.createRepository();
        policy("{\"hooks\":\"local-only\",\"hook_directory\":\"" + root + "/hooks\"}");
        JobHarness.write(root.resolve("hooks/note"), "#!/bin/sh\necho $# $RESTIC_FLEET_HOOK $RESTIC_FLEET_STATUS\n");
        Files.setPosixFilePermissions(root.resolve("hooks/note"), PosixFilePermissions.fromString("rwxr-xr-x"));

        var end = harness.run(hooked("note", "note"));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(end.jobId().value())).contains("hook 0 pre").contains("hook 0 post succeeded");
    }

    @Test
    void an_invalid_policy_stops_hooks_but_not_backups() {
        harness.createRepository();
        policy("{\"hooks\":");

        var end = harness.run(hooked("touch " + root + "/ran", "touch " + root + "/ran"));

        assertThat(end.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.errorCode()).contains(ErrorCode.HOOKS_REFUSED.reported());
        assertThat(end.error().orElseThrow()).contains(root + "/policy.json on the machine cannot be used");
        assertThat(end.snapshotId()).isPresent();
        assertThat(root.resolve("ran")).doesNotExist();
    }

    @Test
    void a_repository_of_a_forbidden_kind_is_not_touched() {
        policy("{\"repositories\":[\"rest\",\"sftp\"]}");

        var backup = harness.run(harness.everything());
        var init = harness.end(harness.submit(JobKind.INIT));
        var unlock = harness.end(harness.submit(JobKind.UNLOCK));

        assertThat(List.of(backup, init, unlock)).allSatisfy(end -> {
            assertThat(end.status()).isEqualTo(JobStatus.FAILED);
            assertThat(end.errorCode()).contains(ErrorCode.POLICY_REPOSITORY.reported());
            assertThat(end.error().orElseThrow()).contains("does not allow local repositories, only rest, sftp");
        });
        assertThat(harness.repository).doesNotExist();
    }

    @Test
    void no_data_and_no_lock_in_use_is_removed_if_the_owner_allows_no_prune() {
        harness.createRepository();
        policy("{\"prune\":\"off\"}");

        var ends = List.of(
                harness.end(harness.submit(JobKind.PRUNE)), harness.end(harness.submit(new JobSpec.Unlock(true))));

        assertThat(ends).allSatisfy(end -> {
            assertThat(end.errorCode()).contains(ErrorCode.POLICY_PRUNE.reported());
            assertThat(end.error().orElseThrow())
                    .contains("this machine's owner does not allow", "prune in " + root + "/policy.json");
        });
        assertThat(harness.end(harness.submit(JobKind.UNLOCK)).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void snapshots_are_removed_as_the_machines_owner_allows() {
        harness.createRepository();
        var last = JobHarness.backupOf(
                List.of(harness.files.toString()),
                new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty()),
                BackupOptions.NONE);
        policy("{\"retention\":\"off\"}");
        harness.run(last);
        var off = harness.run(last);
        assertThat(off.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(off.errorCode()).contains(ErrorCode.POLICY_RETENTION.reported());
        assertThat(harness.restic("snapshots", "--json"))
                .contains(off.snapshotId().orElseThrow());

        policy("{\"retention\":\"local-only\",\"retention_policy\":{\"keep_last\":2}}");
        var local = harness.run(last);
        assertThat(local.errorCode()).isEmpty();
        assertThat(snapshots()).hasSize(2);

        policy("{\"retention\":");
        assertThat(harness.run(last).errorCode()).contains(ErrorCode.POLICY_RETENTION.reported());
        assertThat(snapshots()).hasSize(3);
    }

    private List<String> snapshots() {
        return harness.restic("list", "snapshots").lines().toList();
    }

    @Test
    void nor_is_it_touched_to_remove_a_stale_lock() throws IOException {
        harness.close();
        var recording = JobHarness.resticBut(root, "*' --json '*) touch " + root + "/called;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, recording, JobHarness.LIMITS);
        new StaleLockMarker(harness.state).set(Optional.empty());
        policy("{\"repositories\":[\"rest\"]}");

        harness.run(harness.everything());
        harness.run(harness.everything()); // a barrier: what follows the first job is done

        assertThat(root.resolve("called")).doesNotExist();
        assertThat(new StaleLockMarker(harness.state).isSet()).isTrue();
    }

    @Test
    void a_run_that_exceeds_the_limit_is_stopped_and_leaves_no_lock() {
        harness.createRepository();
        policy("{\"longest_run\":\"1m\"}");
        var jobId = harness.submit(harness.slow());
        harness.awaitLock();

        harness.passed = Duration.ofSeconds(61);

        var end = harness.end(jobId);
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.FAILED);
        assertThat(end.errorCode()).contains(ErrorCode.POLICY_RUN_TOO_LONG.reported());
        assertThat(end.error().orElseThrow()).contains("1m", "longest_run");
        assertThat(end.snapshotId()).isEmpty();
        eventually(() -> assertThat(harness.restic("list", "locks")).isBlank());
        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void the_limit_counts_from_the_start_of_the_run_when_the_agent_was_restarted_meanwhile() {
        harness.createRepository();
        var jobId = harness.submit(harness.slow());
        harness.awaitLock();
        harness.journal.update(
                new JobId(jobId),
                entry -> entry.started(InstantSource.system().instant().minusSeconds(7_200)));
        harness.close();
        policy("{\"longest_run\":\"60m\"}");
        harness = new JobHarness(root);

        assertThat(harness.end(jobId).errorCode()).contains(ErrorCode.POLICY_RUN_TOO_LONG.reported());
        eventually(() -> assertThat(harness.restic("list", "locks")).isBlank());
    }

    @Test
    void a_run_that_was_started_before_the_clock_was_corrected_has_not_lasted_longer_than_the_machine_runs() {
        harness.uptime = Optional.of(Duration.ofMinutes(1));

        assertThat(harness.context.since(Instant.EPOCH)).isEqualTo(Duration.ofMinutes(1));
        assertThat(harness.context.since(InstantSource.system().instant())).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void the_pre_hook_counts_towards_the_limit_and_the_post_hook_still_runs() throws Exception {
        harness.createRepository();
        assertThat(new ProcessBuilder("mkfifo", root + "/never").start().waitFor())
                .isZero();
        policy("{\"longest_run\":\"1m\"}");
        var jobId = harness.submit(hooked(
                "touch " + root + "/began; cat " + root + "/never", "echo $RESTIC_FLEET_STATUS >" + root + "/after"));
        eventually(() -> assertThat(root.resolve("began")).exists());

        harness.passed = Duration.ofSeconds(61);

        assertThat(harness.end(jobId).errorCode()).contains(ErrorCode.POLICY_RUN_TOO_LONG.reported());
        assertThat(root.resolve("after")).hasContent("failed");
    }

    @Test
    void a_run_within_the_limit_is_not_stopped() {
        harness.createRepository();
        policy("{\"longest_run\":\"2m\"}");
        harness.passed = Duration.ofSeconds(61); // before the job starts
        var jobId = harness.submit(harness.everything());
        harness.passed = Duration.ofSeconds(122);

        assertThat(harness.end(jobId).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_kind_that_is_allowed_again_works_at_the_next_job() {
        harness.createRepository();
        policy("{\"repositories\":[]}");
        var before = harness.run(harness.everything());
        policy("{\"repositories\":[\"local\"]}");
        var after = harness.run(harness.everything());

        assertThat(before.errorCode()).contains(ErrorCode.POLICY_REPOSITORY.reported());
        assertThat(after.status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_repository_in_the_agents_directory_is_refused_by_any_path() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), root.resolve("state"));
        for (var place : List.of("state", "state/jobs/x", "link/x", "files/../state/y")) {
            harness.configure("local:" + root + "/" + place, JobHarness.PASSWORD);

            var end = harness.end(harness.submit(JobKind.INIT));

            assertThat(end.errorCode()).as(place).contains(ErrorCode.POLICY_REPOSITORY.reported());
        }
        assertThat(root.resolve("state/keys")).doesNotExist();
    }

    private void policy(String text) {
        JobHarness.write(root.resolve("policy.json"), text);
    }

    private Schedule hooked(String pre, String post) {
        return JobHarness.schedule(
                JobKind.BACKUP,
                List.of(harness.files.toString()),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                new Hooks(Optional.of(pre), Optional.of(post)));
    }
}
