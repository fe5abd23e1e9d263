package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scheduled runs that make no snapshot, as their repository is missing at first. */
class RetriesTest {

    private static final RepositoryId OLD = new RepositoryId("01R00000000000000000000001");
    private static final RepositoryId NEW = new RepositoryId("01R00000000000000000000002");

    static final Instant DUE = Instant.parse("2026-03-01T12:00:00Z");
    static final Duration AFTER_FIRST_PAUSE = Duration.ofMinutes(6);

    @TempDir
    Path root;

    JobHarness harness;
    DueRuns dueRuns;
    final List<ToServer.ScheduleFire> fired = new ArrayList<>();
    long nanos;
    volatile Optional<Pause> pause = Optional.empty();

    @BeforeEach
    void start() {
        harness = new JobHarness(root);
        harness.configure("rest:http://127.0.0.1:9/", "x"); // nothing listens there
        dueRuns = new DueRuns(
                RunIds.open(harness.state),
                harness.journal,
                harness.results,
                harness.runner,
                harness.retries,
                message -> fired.add((ToServer.ScheduleFire) message),
                () -> nanos,
                () -> false,
                () -> pause);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void a_run_without_a_snapshot_is_retried_with_other_ids_until_there_is_one() {
        var first = run(0);
        assertThat(harness.end(first).error().orElseThrow()).contains("it is tried again in");
        pass(Duration.ZERO);
        assertThat(fired).hasSize(1); // not yet

        var second = retry(1);
        assertThat(fired.get(1).trigger()).contains(JobTrigger.RETRY);
        assertThat(fired.get(1).dueAt()).isEqualTo(DUE);
        assertThat(second).isGreaterThan(first);
        assertThat(harness.end(second).status()).isEqualTo(JobStatus.FAILED);

        harness.createRepository();
        harness.configure(harness.repository.toString(), JobHarness.PASSWORD);
        var third = retry(4);
        assertThat(harness.end(third).status()).isEqualTo(JobStatus.SUCCEEDED);
        pass(Duration.ofDays(1));
        assertThat(fired).hasSize(3);
    }

    @Test
    void a_retry_waits_for_the_end_of_a_pause() {
        harness.end(run(0));
        pause = Optional.of(new Pause(DUE, "anna", Optional.empty(), Optional.empty()));
        pass(Duration.ofMinutes(10));
        assertThat(fired).hasSize(1);

        pause = Optional.empty();
        pass(Duration.ZERO);

        assertThat(fired).hasSize(2);
    }

    @Test
    void a_due_time_in_a_pause_replaces_a_planned_retry() {
        harness.end(run(0));
        pause = Optional.of(new Pause(DUE, "anna", Optional.empty(), Optional.empty()));
        dueRuns.missed(schedule(), DUE.plusSeconds(3_600), DUE.plusSeconds(3_600), 0, "paused by anna");

        pause = Optional.empty();
        pass(Duration.ofDays(1));

        assertThat(fired).hasSize(1);
    }

    @Test
    void after_six_attempts_it_waits_for_the_next_due_time() {
        harness.end(run(0));
        for (int i = 1; i <= 5; i++) {
            harness.end(retry(12));
        }

        pass(Duration.ofDays(1));

        assertThat(fired).hasSize(6);
    }

    @Test
    void the_next_due_time_replaces_a_planned_retry() {
        harness.end(run(0));

        harness.end(run(1));
        pass(AFTER_FIRST_PAUSE);

        assertThat(fired)
                .extracting(ToServer.ScheduleFire::dueAt)
                .containsExactly(DUE, DUE.plusSeconds(3600), DUE.plusSeconds(3600));
    }

    @Test
    void a_planned_retry_survives_a_restart_unchanged() {
        harness.end(run(0));
        harness.ahead = AFTER_FIRST_PAUSE;
        var planned = harness.retries.due(id -> false);

        var opened = Retries.open(
                harness.state, () -> InstantSource.system().instant().plus(AFTER_FIRST_PAUSE), new SplittableRandom(8));

        assertThat(planned).hasSize(1);
        assertThat(opened.due(id -> false)).isEqualTo(planned);
    }

    @Test
    void a_disabled_or_deleted_schedule_is_not_retried() {
        harness.end(run(0));

        harness.retries.follow(List.of(schedule().withEnabled(false)));
        pass(AFTER_FIRST_PAUSE);

        assertThat(fired).hasSize(1);
    }

    @Test
    void a_retry_that_is_refused_or_cancelled_before_it_starts_is_dropped() {
        harness.end(run(0));
        pass(AFTER_FIRST_PAUSE);
        dueRuns.refuse(new ToAgent.CommandRefuse(fired.get(1).runId(), "the schedule was disabled"));
        pass(Duration.ZERO);
        assertThat(harness.retries.due(id -> false)).isEmpty();

        harness.end(run(1));
        pass(AFTER_FIRST_PAUSE);
        dueRuns.cancel(new ToAgent.CommandCancel(fired.get(3).runId()));
        pass(Duration.ZERO);
        assertThat(harness.retries.due(id -> false)).isEmpty();
    }

    @Test
    void a_run_for_a_repository_that_was_changed_is_retried_at_the_new_one() {
        harness.createRepository();
        harness.credentials.store(new ToAgent.ConfigUpdate(
                "web-01",
                new Repository(
                        new RepositoryUrl(harness.repository.toString()),
                        Optional.empty(),
                        Optional.empty(),
                        JobHarness.PASSWORD),
                false,
                Optional.of(NEW),
                Optional.empty(),
                Optional.empty()));
        dueRuns.due(schedule(), DUE, 0, 1);
        var refused = started(Optional.of(OLD));
        assertThat(harness.end(refused).errorCode()).contains(ErrorCode.REPOSITORY_CHANGED.reported());

        pass(AFTER_FIRST_PAUSE);

        assertThat(harness.end(started(Optional.of(NEW))).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void manual_runs_and_failures_that_need_a_person_are_not_retried() {
        var manual = "01ARZ3NDEKTSV4RRFFQ69G5FAW";
        dueRuns.run(new ToAgent.CommandRun(
                new JobId(manual), JobSpec.of(schedule()), JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
        assertThat(harness.end(manual).error().orElseThrow()).doesNotContain("tried again");

        harness.createRepository();
        harness.configure(harness.repository.toString(), "wrong");
        assertThat(harness.end(run(0)).error().orElseThrow()).doesNotContain("tried again");
        pass(AFTER_FIRST_PAUSE);
        assertThat(fired).hasSize(1);
    }

    /** Makes the schedule due and starts it as the server would; returns the run's id. */
    private String run(int hours) {
        dueRuns.due(schedule(), DUE.plus(Duration.ofHours(hours)), 0, 1);
        return started();
    }

    /** Advances the clock so that the retry is due, and starts it; returns its id. */
    private String retry(int tenMinutes) {
        pass(Duration.ofMinutes(10).multipliedBy(tenMinutes));
        return started();
    }

    private String started() {
        return started(Optional.empty());
    }

    private String started(Optional<RepositoryId> repositoryId) {
        var fire = fired.get(fired.size() - 1);
        dueRuns.run(new ToAgent.CommandRun(
                fire.runId(),
                JobSpec.of(schedule()),
                fire.trigger().orElse(JobTrigger.CRON),
                Optional.of(fire.dueAt()),
                repositoryId));
        return fire.runId().value();
    }

    private void pass(Duration time) {
        eventually(() -> assertThat(dueRuns.busy(schedule().id()))
                .isFalse()); // the run is recorded as ended shortly after its result
        harness.ahead = harness.ahead.plus(time);
        dueRuns.tick();
    }

    private Schedule schedule() {
        return JobHarness.backupOf(harness.files.toString());
    }
}
