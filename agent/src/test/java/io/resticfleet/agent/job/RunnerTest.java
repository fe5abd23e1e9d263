package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.OpenJobs;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs from start to end. */
@Tag("slow")
class RunnerTest {

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
    void the_first_backup_creates_the_repository_in_a_job_of_its_own() {
        var end = harness.run(harness.everything());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.snapshotId()).isPresent();
        assertThat(end.error()).isEmpty();
        assertThat(end.errorCode()).isEmpty();
        assertThat(((BackupResult) end.stats()).filesNew()).isEqualTo(1);
        var init = harness.sent(ToServer.JobFinished.class).get(0);
        assertThat(init.kind()).isEqualTo(JobKind.INIT);
        assertThat(init.trigger()).isEqualTo(JobTrigger.AUTO);
        assertThat(init.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(end.jobId().value()))
                .contains("agent running: restic --json backup --host=web-01 --tag=schedule:"
                        + harness.everything().id())
                .contains("made snapshot")
                .doesNotContain(JobHarness.PASSWORD)
                .doesNotContain("message_type");
        var report = present(
                () -> harness.sent(ToServer.SnapshotsReport.class).stream().findFirst());
        assertThat(report.snapshots()).hasSize(1);
        assertThat(report.snapshots().get(0).hostname()).isEqualTo("web-01");
        assertThat(report.snapshots().get(0).tags())
                .contains(harness.everything().tag(), "nightly");
        assertThat(report.snapshots().get(0).id()).startsWith(end.snapshotId().get());
    }

    @Test
    void an_idle_runner_that_is_closed_ends_without_an_error() {
        var failures = new CopyOnWriteArrayList<Throwable>();
        var before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
        try {
            harness.close(); // waits for the thread's end
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }

        assertThat(failures).isEmpty();
    }

    @Test
    void an_unchanged_second_backup_succeeds() {
        harness.run(harness.everything());

        var end = harness.run(harness.everything());

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(((BackupResult) end.stats()).filesUnmodified()).isEqualTo(1);
        assertThat(end.startedAt()).isPresent();
    }

    @Test
    void a_path_that_looks_like_an_option_is_a_path() {
        harness.createRepository();
        JobHarness.write(root.resolve("--remove-all/x"), "x");

        var end = harness.run(JobHarness.backupOf(root.resolve("--remove-all").toString()));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_backup_reports_progress_and_leaves_no_lock_when_cancelled() {
        harness.createRepository();
        var jobId = harness.submit(harness.slow());
        eventually(() -> assertThat(harness.progress).isNotEmpty());

        harness.runner.cancel(new JobId(jobId));

        assertThat(harness.end(jobId).status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(harness.end(jobId).errorCode()).contains(ErrorCode.CANCELLED.reported());
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_backup_that_ignores_the_signal_is_killed_and_its_lock_is_removed() {
        harness.close();
        var limits = new Limits(
                Duration.ofMillis(500),
                Duration.ofSeconds(3),
                Duration.ZERO,
                Duration.ofSeconds(20),
                Duration.ofSeconds(30),
                Duration.ZERO,
                Duration.ofSeconds(5));
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, "/usr/bin/restic", limits);
        harness.createRepository();
        var jobId = harness.submit(harness.slow());
        harness.awaitLock();

        harness.runner.cancel(new JobId(jobId));

        assertThat(harness.end(jobId).status()).isEqualTo(JobStatus.CANCELLED);
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_queued_job_can_be_cancelled_before_it_starts() {
        harness.createRepository();
        var first = harness.submit(harness.slow());
        var second = harness.submit(harness.everything());

        harness.runner.cancel(new JobId(second));
        harness.runner.cancel(new JobId(first));

        var end = harness.end(second);
        assertThat(end.status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(end.errorCode()).contains(ErrorCode.CANCELLED.reported());
        assertThat(end.startedAt()).isEmpty();
        harness.end(first);
    }

    @Test
    void a_backup_goes_on_without_the_agent_and_is_adopted_again_also_while_restic_is_being_replaced() {
        harness.createRepository();
        var jobId = harness.submit(JobHarness.backupOf(
                List.of(harness.big(3).toString()),
                RetentionPolicy.NONE,
                new BackupOptions(
                        false,
                        false,
                        1024,
                        false,
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
        eventually(() -> assertThat(root.resolve("state/jobs/" + jobId + "/steps/backup/stdout"))
                .isNotEmptyFile());

        harness.close();
        assertThat(harness.sent(ToServer.JobFinished.class))
                .extracting(end -> end.jobId().value())
                .doesNotContain(jobId);
        var missing = root.resolve("missing-restic").toString();
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, missing, JobHarness.LIMITS);

        var end = harness.end(jobId);
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.restic("snapshots", "--json"))
                .contains(end.snapshotId().orElseThrow());
        assertThat(harness.log(jobId)).containsOnlyOnce("running: restic --json backup");
    }

    @Test
    void stopping_when_idle_waits_for_running_jobs_and_leaves_new_ones_to_the_next_start() {
        harness.createRepository();
        var running = harness.submit(harness.slow());
        var waiting = harness.submit(harness.everything());
        harness.awaitLock();
        assertThat(harness.runner.stopIfIdle()).isFalse();
        harness.runner.cancel(new JobId(waiting));
        assertThat(harness.runner.stopIfIdle()).isFalse();
        harness.runner.cancel(new JobId(running));
        harness.end(running);

        eventually(() -> assertThat(harness.runner.stopIfIdle()).isTrue());
        var late = harness.submit(harness.everything());
        eventually(() -> assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("runner"));
        harness.close();

        assertThat(harness.journal.find(new JobId(late)).orElseThrow().phase()).isEqualTo(JobEntry.Phase.QUEUED);
        harness = new JobHarness(root);
        assertThat(harness.end(late).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void restics_output_is_deleted_after_the_job() {
        harness.createRepository();
        var end = harness.run(harness.everything());

        eventually(() ->
                assertThat(root.resolve("state/jobs/" + end.jobId() + "/steps")).doesNotExist());
        assertThat(root.resolve("state/jobs/" + end.jobId() + "/log.ndjson")).exists();
    }

    @Test
    void maintenance_jobs_run() {
        harness.createRepository();

        for (var kind : List.of(JobKind.CHECK, JobKind.PRUNE, JobKind.UNLOCK, JobKind.SNAPSHOTS)) {
            assertThat(harness.end(harness.submit(kind)).status())
                    .as(kind.word())
                    .isEqualTo(JobStatus.SUCCEEDED);
        }
        var init = harness.end(harness.submit(JobKind.INIT));
        assertThat(init.error().orElseThrow()).contains("already exists");
        assertThat(init.errorCode()).contains(ErrorCode.REPO_EXISTS.reported());
    }

    @Test
    void an_unlock_fails_while_a_lock_stays_and_names_its_holder() throws Exception {
        harness.createRepository();
        var command = new ProcessBuilder(
                "/usr/bin/restic", "-r", harness.repository.toString(), "--no-cache", "backup", "--stdin");
        command.environment().put("RESTIC_PASSWORD", JobHarness.PASSWORD);
        var holder = command.redirectErrorStream(true).start();
        harness.awaitLock();

        var stays = harness.end(harness.submit(JobKind.UNLOCK));
        var all = harness.end(harness.submit(new JobSpec.Unlock(true)));
        holder.destroyForcibly().waitFor();

        assertThat(stays.status()).as(stays.toString()).isEqualTo(JobStatus.FAILED);
        assertThat(stays.errorCode()).contains(ErrorCode.LOCKED.reported());
        assertThat(stays.error().orElseThrow())
                .contains("1 lock stays", "(pid " + holder.pid() + ")", System.getProperty("user.name"), "since 20");
        assertThat(all.status()).as(all.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(root.resolve("repository/locks")).isEmptyDirectory();
    }

    @Test
    void a_job_is_forgotten_once_the_server_has_its_end_and_its_log() {
        harness.createRepository();
        var end = harness.run(harness.everything());
        eventually(
                () -> assertThat(harness.sent(ToServer.SnapshotsReport.class)).isNotEmpty());
        assertThat(harness.results.openJobs()).contains(end.jobId());
        assertThat(harness.results.jobs().orElseThrow().unreported()).contains(end.jobId());

        harness.results.acked(1_000);
        assertThat(harness.results.jobs()).contains(new OpenJobs(List.of(), List.of()));
        assertThat(harness.results.openJobs()).isEmpty();
        assertThat(root.resolve("state/jobs/" + end.jobId())).exists();
        harness.results.logAcked(end.jobId(), 10_000);

        assertThat(root.resolve("state/jobs/" + end.jobId())).doesNotExist();
        assertThat(harness.journal.knows(end.jobId())).isTrue();
    }
}
