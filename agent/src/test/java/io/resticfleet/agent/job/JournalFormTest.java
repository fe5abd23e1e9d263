package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ScheduleId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What agents have written to disk so far, as an agent finds it that was upgraded in the middle of a job. */
class JournalFormTest {

    private static final String BACKUP = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    private static final String INIT = "01ARZ3NDEKTSV4RRFFQ69G5FB1";
    private static final String PRUNE = "01ARZ3NDEKTSV4RRFFQ69G5FB2";

    @TempDir
    Path root;

    @Test
    void a_job_that_an_older_agent_had_begun_goes_on() {
        written(BACKUP, "backup", "cron", schedule("backup"), "running", "\"2026-03-01T12:00:01Z\"");
        try (var harness = new JobHarness(root)) {
            var end = harness.end(BACKUP);

            assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(end.scheduleId()).contains(new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
            assertThat(end.startedAt()).contains(Instant.parse("2026-03-01T12:00:01Z"));
            assertThat(end.stats()).isInstanceOf(BackupResult.class);
        }
    }

    @Test
    void jobs_with_and_without_a_schedule_are_read() {
        written(INIT, "init", "auto", "null", "queued", "null");
        written(PRUNE, "prune", "cron", schedule("prune"), "waiting", "null");

        var journal = Journal.open(StateDirectory.open(root.resolve("state")));

        assertThat(journal.find(new JobId(INIT))).hasValueSatisfying(entry -> {
            assertThat(entry.spec()).isEqualTo(JobSpec.once(JobKind.INIT));
            assertThat(entry.trigger()).isEqualTo(JobTrigger.AUTO);
            assertThat(entry.phase()).isEqualTo(JobEntry.Phase.QUEUED);
        });
        assertThat(journal.find(new JobId(PRUNE))).hasValueSatisfying(entry -> {
            assertThat(entry.kind()).isEqualTo(JobKind.PRUNE);
            assertThat(entry.scheduleId()).contains(new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
            assertThat(entry.dueAt()).contains(Instant.parse("2026-03-01T12:00:00Z"));
            assertThat(entry.repositoryId()).isEqualTo(Optional.empty());
        });
    }

    private String schedule(String kind) {
        return """
                {"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","kind":"%s","name":"nightly","enabled":true,"manual":false,
                 "cron":"0 12 * * *","time_zone":null,"paths":["%s"],"excludes":[],"tags":[],
                 "retention":{"keep_last":0,"keep_hourly":0,"keep_daily":0,"keep_weekly":0,"keep_monthly":0,
                 "keep_yearly":0,"keep_within":null},
                 "options":{"one_file_system":false,"exclude_caches":false,"limit_upload_kib":0},
                 "hooks":{"pre":null,"post":null},"catch_up":"run_once","jitter_minutes":0}
                """.formatted(kind, root.resolve("files"));
    }

    /** As version 0.1.0 wrote it. */
    private void written(String id, String kind, String trigger, String schedule, String phase, String startedAt) {
        JobHarness.write(root.resolve("state/jobs/" + id + "/job.json"), """
                {"job_id":"%s","kind":"%s","trigger":"%s","schedule":%s,"due_at":"2026-03-01T12:00:00Z",
                 "schedule_version":3,"parent":null,"phase":"%s","started_at":%s,"end_sequence":null}
                """.formatted(
                        id, kind, trigger, schedule, phase.toUpperCase(java.util.Locale.ROOT), startedAt));
    }
}
