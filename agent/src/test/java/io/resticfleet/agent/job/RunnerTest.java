package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs from their beginning to their end. */
class RunnerTest {

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
        var end = bench.run(bench.everything());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.snapshotId()).isPresent();
        assertThat(end.error()).isEmpty();
        assertThat(end.errorCode()).isEmpty();
        assertThat(end.stats().filesNew()).contains(1L);
        var init = bench.said(ToServer.JobFinished.class).get(0);
        assertThat(init.kind()).isEqualTo(JobKind.INIT);
        assertThat(init.trigger()).isEqualTo(JobTrigger.AUTO);
        assertThat(init.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(bench.log(end.jobId()))
                .contains("agent running: restic --json backup --host=web-01 --tag=schedule:"
                        + bench.everything().id())
                .contains("made snapshot")
                .doesNotContain(JobBench.PASSWORD)
                .doesNotContain("message_type");
        var report = present(
                () -> bench.said(ToServer.SnapshotsReport.class).stream().findFirst());
        assertThat(report.snapshots()).hasSize(1);
        assertThat(report.snapshots().get(0).hostname()).isEqualTo("web-01");
        assertThat(report.snapshots().get(0).tags()).contains(bench.everything().tag(), "nightly");
        assertThat(report.snapshots().get(0).id()).startsWith(end.snapshotId().get());
    }

    @Test
    void an_unchanged_second_backup_succeeds() {
        bench.run(bench.everything());

        var end = bench.run(bench.everything());

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.stats().filesUnmodified()).contains(1L);
        assertThat(end.startedAt()).isPresent();
    }

    @Test
    void a_path_that_looks_like_an_option_is_a_path() {
        bench.giveRepository();
        JobBench.write(root.resolve("--remove-all/x"), "x");

        var end = bench.run(JobBench.backupOf(root.resolve("--remove-all").toString()));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_cancelled_backup_leaves_no_lock_and_progress_was_told() {
        bench.giveRepository();
        var jobId = bench.submit(bench.slow());
        eventually(() -> assertThat(bench.progress).isNotEmpty());

        bench.runner.cancel(jobId);

        assertThat(bench.end(jobId).status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(bench.end(jobId).errorCode()).contains("cancelled");
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
        bench = new JobBench(root, HookRule.LOCAL_ONLY, "/usr/bin/restic", limits);
        bench.giveRepository();
        var jobId = bench.submit(bench.slow());
        bench.awaitLock();

        bench.runner.cancel(jobId);

        assertThat(bench.end(jobId).status()).isEqualTo(JobStatus.CANCELLED);
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_queued_job_can_be_cancelled_before_it_begins() {
        bench.giveRepository();
        var first = bench.submit(bench.slow());
        var second = bench.submit(bench.everything());

        bench.runner.cancel(second);
        bench.runner.cancel(first);

        var end = bench.end(second);
        assertThat(end.status()).isEqualTo(JobStatus.CANCELLED);
        assertThat(end.errorCode()).contains("cancelled");
        assertThat(end.startedAt()).isEmpty();
        bench.end(first);
    }

    @Test
    void a_backup_goes_on_without_the_agent_and_is_taken_over() {
        bench.giveRepository();
        var jobId = bench.submit(JobBench.backupOf(
                List.of(bench.big(3).toString()), RetentionPolicy.NONE, new BackupOptions(false, false, 1024)));
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
    void one_that_stops_when_idle_waits_for_what_runs_and_leaves_what_comes_to_the_next_start() {
        bench.giveRepository();
        var running = bench.submit(bench.slow());
        var waiting = bench.submit(bench.everything());
        bench.awaitLock();
        assertThat(bench.runner.stopIfIdle()).isFalse();
        bench.runner.cancel(waiting);
        assertThat(bench.runner.stopIfIdle()).isFalse();
        bench.runner.cancel(running);
        bench.end(running);

        eventually(() -> assertThat(bench.runner.stopIfIdle()).isTrue());
        var late = bench.submit(bench.everything());
        eventually(() -> assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("runner"));
        bench.close();

        assertThat(bench.journal.find(late).orElseThrow().phase()).isEqualTo(JobEntry.Phase.QUEUED);
        bench = new JobBench(root);
        assertThat(bench.end(late).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void what_restic_printed_goes_when_the_job_has_ended() {
        bench.giveRepository();
        var end = bench.run(bench.everything());

        eventually(() ->
                assertThat(root.resolve("state/jobs/" + end.jobId() + "/steps")).doesNotExist());
        assertThat(root.resolve("state/jobs/" + end.jobId() + "/log.ndjson")).exists();
    }

    @Test
    void maintenance_kinds_run() {
        bench.giveRepository();

        for (var kind : List.of(JobKind.CHECK, JobKind.PRUNE, JobKind.UNLOCK, JobKind.SNAPSHOTS)) {
            assertThat(bench.end(bench.submit(kind)).status()).as(kind.word()).isEqualTo(JobStatus.SUCCEEDED);
        }
        var init = bench.end(bench.submit(JobKind.INIT));
        assertThat(init.error().orElseThrow()).contains("exists already");
        assertThat(init.errorCode()).contains("repo_exists");
    }

    @Test
    void a_job_is_forgotten_once_the_server_has_its_end_and_its_log() {
        bench.giveRepository();
        var end = bench.run(bench.everything());
        eventually(() -> assertThat(bench.said(ToServer.SnapshotsReport.class)).isNotEmpty());
        assertThat(bench.results.openJobs()).contains(end.jobId());

        bench.results.acked(1_000);
        assertThat(bench.results.openJobs()).isEmpty();
        assertThat(root.resolve("state/jobs/" + end.jobId())).exists();
        bench.results.logAcked(end.jobId(), 10_000);

        assertThat(root.resolve("state/jobs/" + end.jobId())).doesNotExist();
        assertThat(bench.journal.knows(end.jobId())).isTrue();
    }
}
