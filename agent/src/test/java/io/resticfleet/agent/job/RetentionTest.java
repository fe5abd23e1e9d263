package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots removed after a backup, and by a forget. */
@Tag("slow")
class RetentionTest {

    private static final RetentionPolicy KEEP_ONE = new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty());

    @TempDir
    Path root;

    JobHarness harness;

    @BeforeEach
    void start() {
        harness = new JobHarness(root);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void retention_applies_to_its_own_schedule_only() {
        harness.run(harness.everything());
        harness.restic("backup", "--host=web-01", "--tag=other", harness.files.toString());

        var end = harness.run(JobHarness.backupOf(List.of(harness.files.toString()), KEEP_ONE, BackupOptions.NONE));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(((BackupResult) end.stats()).snapshotsKept()).contains(1L);
        assertThat(((BackupResult) end.stats()).snapshotsRemoved()).contains(1L);
        eventually(() -> assertThat(harness.sent(ToServer.SnapshotsReport.class))
                .last()
                .extracting(report -> report.snapshots().size())
                .isEqualTo(2));
    }

    @Test
    void retention_still_applies_after_other_tags_were_changed() {
        harness.createRepository();
        var before = harness.everything();
        harness.run(before);

        var end = harness.run(new Schedule(
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
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty()));

        assertThat(((BackupResult) end.stats()).snapshotsKept()).contains(1L);
        assertThat(((BackupResult) end.stats()).snapshotsRemoved()).contains(1L);
    }

    @Test
    void a_backup_keeps_its_result_when_its_retention_is_killed() throws IOException {
        harness.createRepository();
        harness.run(harness.everything());
        harness.close();
        harness = new JobHarness(
                root,
                HookRule.LOCAL_ONLY,
                JobHarness.resticBut(
                        root, "*' forget '*--dry-run*) exec /usr/bin/restic \"$@\";; *' forget '*) kill -s KILL 0;;"),
                JobHarness.LIMITS);

        var end = harness.run(JobHarness.backupOf(List.of(harness.files.toString()), KEEP_ONE, BackupOptions.NONE));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.snapshotId()).isPresent();
        assertThat(end.error().orElseThrow()).contains("the backup succeeded").contains("its result is unknown");
        assertThat(end.errorCode()).contains(ErrorCode.INTERRUPTED.reported());
    }

    @Test
    void a_forget_reports_how_many_snapshots_it_kept_and_removed() {
        harness.run(harness.everything());
        harness.run(harness.everything());

        var end = harness.run(JobHarness.schedule(JobKind.FORGET, List.of(), KEEP_ONE, BackupOptions.NONE, Hooks.NONE));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.stats()).isEqualTo(new ForgetResult(1, 1));
    }

    @Test
    void a_forget_that_would_remove_all_is_refused() {
        harness.createRepository();

        var end = harness.run(
                JobHarness.schedule(JobKind.FORGET, List.of(), RetentionPolicy.NONE, BackupOptions.NONE, Hooks.NONE));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("would delete every snapshot");
        assertThat(end.errorCode()).contains(ErrorCode.RETENTION_REFUSED.reported());
    }
}
