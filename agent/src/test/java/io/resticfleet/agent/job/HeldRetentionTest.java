package io.resticfleet.agent.job;

import static io.resticfleet.agent.job.SourceHarness.assertPartial;
import static io.resticfleet.agent.job.SourceHarness.empty;
import static io.resticfleet.agent.job.SourceHarness.excluding;
import static io.resticfleet.agent.job.SourceHarness.keepTwo;
import static io.resticfleet.agent.job.SourceHarness.shortId;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.job.SourceHistory.Completeness;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that retention keeps as later backups saved less than is meant. */
@Tag("slow")
class HeldRetentionTest {

    private static final Schedule FORGET =
            JobHarness.schedule(JobKind.FORGET, List.of(), SourceHarness.KEEP_TWO, BackupOptions.NONE, Hooks.NONE);

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
    void snapshots_stay_while_a_source_is_empty_until_that_is_accepted() throws IOException {
        var data = harness.source("data", 3);
        var schedule = keepTwo(data);
        var full = harness.run(schedule);
        empty(data);

        var first = harness.run(schedule);
        var last = harness.run(schedule);
        var forget = harness.run(FORGET);

        assertThat(full.status()).as(full.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertPartial(first, ErrorCode.SOURCE_EMPTY);
        assertThat(first.error().orElseThrow()).contains(data.toString());
        assertPartial(last, ErrorCode.SOURCE_EMPTY);
        assertThat(forget.errorCode()).contains(ErrorCode.RETENTION_HELD.reported());
        assertThat(forget.error().orElseThrow())
                .contains("'nightly'")
                .contains(last.jobId().value());
        assertThat(harness.snapshots()).contains(shortId(full), shortId(first), shortId(last));

        accept(schedule, first.jobId());
        var accepted = harness.run(schedule);

        assertThat(accepted.status()).as(accepted.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(((BackupResult) accepted.stats()).snapshotsRemoved()).contains(2L);
        assertThat(harness.snapshots())
                .contains(shortId(last), shortId(accepted))
                .doesNotContain(shortId(full));
    }

    @Test
    void a_run_that_lacks_more_than_the_accepted_one_is_held_again() throws IOException {
        var data = harness.source("data", 3);
        var more = harness.source("more", 3);
        var schedule = keepTwo(data, more);
        harness.run(schedule);
        empty(data);
        var accepted = harness.run(schedule);
        empty(more);
        harness.run(schedule);

        accept(schedule, accepted.jobId());

        assertThat(harness.jobs().history.holdsRetention()).isPresent();
        var end = harness.run(schedule);
        assertPartial(end, ErrorCode.SOURCE_EMPTY);
        assertThat(end.error().orElseThrow()).contains(more.toString()).doesNotContain(data.toString());
    }

    @Test
    void an_accepted_run_of_other_paths_is_not_compared_with_the_present_ones() throws IOException {
        var data = harness.source("data", 3);
        var schedule = keepTwo(data);
        harness.run(schedule);
        empty(data);
        var before = harness.run(schedule);
        var edited = excluding(schedule, "cache");
        harness.run(edited);

        accept(edited, before.jobId());

        assertThat(harness.jobs().history.holdsRetention()).isPresent();
        assertPartial(harness.run(edited), ErrorCode.SOURCE_EMPTY);
    }

    @Test
    void schedules_that_are_deleted_or_manual_hold_no_forgets() {
        var schedule = keepTwo(harness.jobs().files);
        var manual = harness.jobs().everything();

        follow(schedule);
        hold(schedule, 1);
        var holds = harness.jobs().history.holdsRetention();
        follow();
        hold(schedule, 2);
        var deleted = harness.jobs().history.holdsRetention();
        follow(manual);
        hold(manual, 3);

        assertThat(holds).isPresent();
        assertThat(deleted).isEmpty();
        assertThat(harness.jobs().history.holdsRetention()).isEmpty();
    }

    @Test
    void one_of_the_last_five_runs_can_be_accepted() {
        var schedule = keepTwo(harness.jobs().files);
        var runs = IntStream.range(0, 6).mapToObj(i -> hold(schedule, i)).toList();

        accept(schedule, runs.get(0));
        assertThat(harness.jobs().history.holdsRetention()).isPresent();
        accept(schedule, runs.get(1));
        assertThat(harness.jobs().history.holdsRetention()).isEmpty();
    }

    @Test
    void unreadable_files_do_not_hold_retention_but_the_last_complete_snapshot_is_kept() throws IOException {
        var schedule = keepTwo(harness.jobs().files);
        var complete = harness.run(schedule);
        harness.cannotRead(Path.of("/srv/x"));

        var first = harness.run(schedule);
        var second = harness.run(schedule);
        var third = harness.run(schedule);

        assertPartial(third, ErrorCode.FILES_UNREADABLE);
        assertThat(((BackupResult) third.stats()).snapshotsRemoved()).contains(1L);
        assertThat(harness.snapshots())
                .contains(shortId(complete), shortId(second), shortId(third))
                .doesNotContain(shortId(first));
    }

    @Test
    void unreadable_files_hold_retention_while_no_complete_snapshot_is_known() throws IOException {
        var schedule = keepTwo(harness.jobs().files);
        var complete = harness.run(schedule);
        Files.delete(harness.jobs().state.root().resolve("sources.json"));
        harness.cannotRead(Path.of("/srv/x"));

        harness.run(schedule);
        harness.run(schedule);
        var last = harness.run(schedule);

        assertPartial(last, ErrorCode.FILES_UNREADABLE);
        assertThat(harness.snapshots()).contains(shortId(complete), shortId(last));
    }

    @Test
    void a_forget_keeps_all_snapshots_of_a_schedule_while_no_complete_one_of_it_is_known() throws IOException {
        var jobs = harness.jobs();
        var schedule = JobHarness.backupOf(jobs.files.toString());
        var complete = harness.run(schedule);
        for (int times = 0; times < 3; times++) {
            jobs.restic("backup", "--host=web-01", "--tag=other", jobs.files.toString());
        }
        Files.delete(jobs.state.root().resolve("sources.json"));
        harness.cannotRead(Path.of("/srv/x"));
        follow(schedule);

        harness.run(schedule);
        var last = harness.run(schedule);
        var uncertain = harness.run(FORGET);
        follow();
        var deleted = harness.run(FORGET);

        assertPartial(last, ErrorCode.FILES_UNREADABLE);
        assertThat(uncertain.stats()).isEqualTo(new ForgetResult(5, 1));
        assertThat(deleted.stats()).isEqualTo(new ForgetResult(4, 1));
        assertThat(harness.snapshots()).contains(shortId(last)).doesNotContain(shortId(complete));
    }

    @Test
    void a_forget_keeps_the_last_complete_snapshot_while_backups_fail() throws IOException {
        var data = harness.source("data", 3);
        var schedule = keepTwo(data);
        var complete = harness.run(schedule);
        harness.cannotRead(data.resolve("file-1"));
        harness.run(schedule);
        harness.run(schedule);
        empty(data);
        Files.delete(data);
        assertThat(harness.run(schedule).status()).isEqualTo(JobStatus.FAILED);

        var end = harness.run(FORGET);

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.snapshots()).contains(shortId(complete));
    }

    @Test
    void excludes_that_leave_nothing_of_one_path_make_a_first_backup_partial_until_that_is_accepted() {
        var data = harness.source("data", 3);
        var schedule = excluding(keepTwo(harness.jobs().files, data), "da?a");

        var first = harness.run(schedule);
        accept(schedule, first.jobId());
        var accepted = harness.run(schedule);

        assertPartial(first, ErrorCode.NOTHING_SAVED);
        assertThat(first.error().orElseThrow()).endsWith("match them: " + data);
        assertThat(accepted.status()).as(accepted.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    private void accept(Schedule schedule, JobId jobId) {
        harness.jobs().history.follow(new ToAgent.ScheduleSet(1, List.of(schedule), Optional.of(List.of(jobId))));
    }

    private void follow(Schedule... schedules) {
        harness.jobs().history.follow(new ToAgent.ScheduleSet(1, List.of(schedules)));
    }

    /** Records a run that saved less than is meant. */
    private JobId hold(Schedule schedule, int number) {
        var jobId = new JobId("01ARZ3NDEKTSV4RRFFQ69G5FA" + number);
        harness.jobs()
                .history
                .ended(schedule, jobId, Optional.of(new Reading(0, Map.of())), "snapshot", Completeness.HELD);
        return jobId;
    }
}
