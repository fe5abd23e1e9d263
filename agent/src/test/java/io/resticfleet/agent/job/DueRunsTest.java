package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobOrder;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DueRunsTest {

    private static final Instant DUE = Instant.parse("2026-03-01T12:00:00Z");

    private static final String COMMANDED = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    private static final String ANOTHER = "01ARZ3NDEKTSV4RRFFQ69G5FB1";

    @TempDir
    Path root;

    JobHarness harness;
    DueRuns dueRuns;
    final List<ToServer> sent = new ArrayList<>();
    long nanos;
    volatile Optional<Pause> pause = Optional.empty();

    @BeforeEach
    void start() {
        harness = new JobHarness(root);
        harness.createRepository();
        dueRuns = new DueRuns(
                RunIds.open(harness.state),
                harness.journal,
                harness.results,
                harness.runner,
                harness.retries,
                sent::add,
                () -> nanos,
                () -> false,
                () -> pause);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void a_run_whose_start_cannot_be_stored_starts_once_it_can() throws IOException {
        var runId = due();
        var obstacle = breakJournal(runId);

        dueRuns.run(new ToAgent.CommandRun(
                new JobId(runId), JobSpec.of(schedule()), JobTrigger.CRON, Optional.of(DUE), Optional.empty()));
        assertThat(dueRuns.busy(schedule().id())).isTrue();
        Files.delete(obstacle);
        pass(Duration.ofSeconds(11));

        assertThat(harness.end(runId).status()).isEqualTo(JobStatus.SUCCEEDED);
        eventually(() -> assertThat(dueRuns.busy(schedule().id())).isFalse());
    }

    @Test
    void a_refusal_that_cannot_be_stored_is_kept_and_nothing_runs() throws IOException {
        var runId = due();
        var obstacle = breakJournal(runId);

        dueRuns.refuse(new ToAgent.CommandRefuse(new JobId(runId), "the host is paused"));
        pass(Duration.ofMinutes(5));
        Files.delete(obstacle);
        pass(Duration.ofSeconds(11));

        assertThat(harness.sent(ToServer.JobMissed.class))
                .extracting(ToServer.JobMissed::reason)
                .contains("the host is paused");
        assertThat(dueRuns.busy(schedule().id())).isFalse();
        assertThat(harness.sent(ToServer.JobStarted.class)).isEmpty();
    }

    @Test
    void a_pause_ends_the_runs_that_wait_and_not_those_that_somebody_ordered() {
        var runId = due();
        pause = Optional.of(new Pause(DUE, "anna", Optional.empty(), Optional.of("new disks")));

        pass(Duration.ofSeconds(1));
        dueRuns.run(new ToAgent.CommandRun(
                new JobId(runId), JobSpec.of(schedule()), JobTrigger.CRON, Optional.of(DUE), Optional.empty()));
        dueRuns.run(new ToAgent.CommandRun(
                new JobId(COMMANDED), JobSpec.of(schedule()), JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
        pass(Duration.ofMinutes(5));

        assertThat(harness.end(COMMANDED).status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.sent(ToServer.JobMissed.class))
                .extracting(missed -> missed.jobId().value(), ToServer.JobMissed::reason)
                .containsExactly(tuple(runId, "paused by anna since 2026-03-01T12:00:00Z: new disks"));
        assertThat(harness.sent(ToServer.JobStarted.class)).hasSize(1);
    }

    @Test
    void a_command_that_cannot_be_stored_is_not_lost() throws IOException {
        Files.createDirectory(harness.journal.directory(new JobId(COMMANDED)));
        var obstacle = breakJournal(COMMANDED);

        dueRuns.run(new ToAgent.CommandRun(
                new JobId(COMMANDED), JobSpec.of(schedule()), JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
        Files.delete(obstacle);
        pass(Duration.ofSeconds(11));

        assertThat(harness.end(COMMANDED).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_command_without_the_schedule_it_needs_is_refused() {
        dueRuns.run(new ToAgent.CommandRun(
                new JobId(COMMANDED),
                new JobOrder.AsHeld(schedule().kind()),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        var end = harness.end(COMMANDED);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("needs a schedule");
        assertThat(end.errorCode()).contains(ErrorCode.AGENT_ERROR.reported());
    }

    @Test
    void a_run_ordered_as_held_keeps_its_schedule() {
        var runId = due();

        dueRuns.run(new ToAgent.CommandRun(
                new JobId(runId),
                new JobOrder.AsHeld(JobKind.BACKUP),
                JobTrigger.CRON,
                Optional.of(DUE),
                Optional.empty()));

        assertThat(harness.end(runId).scheduleId()).contains(schedule().id());
        assertThat(harness.end(runId).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void commands_beyond_the_limit_are_refused_but_due_runs_are_not() {
        var journal = Journal.open(harness.state, 1);
        var full = new DueRuns(
                RunIds.open(harness.state),
                journal,
                harness.results,
                harness.runner,
                harness.retries,
                sent::add,
                () -> nanos,
                () -> false,
                () -> pause);
        var first = new ToAgent.CommandRun(
                new JobId(COMMANDED),
                JobSpec.once(JobKind.CHECK),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty());
        var second = new ToAgent.CommandRun(
                new JobId(ANOTHER), JobSpec.once(JobKind.CHECK), JobTrigger.MANUAL, Optional.empty(), Optional.empty());

        assertThat(full.run(first)).isTrue();
        assertThat(full.run(second)).isFalse();
        assertThat(full.run(first)).isTrue(); // known already
        full.due(schedule(), DUE, 0, 1);

        assertThat(journal.knows(new JobId(ANOTHER))).isFalse();
        assertThat(journal.list()).hasSize(2);
    }

    @Test
    void what_removes_waits_for_a_server_that_decides_and_runs_once_when_it_is_back() {
        var fired = new ArrayList<ToServer>();
        var connected = new AtomicBoolean();
        var deferring = new DueRuns(
                RunIds.open(harness.state),
                harness.journal,
                harness.results,
                harness.runner,
                harness.retries,
                message -> connected.get() && fired.add(message),
                () -> nanos,
                () -> true,
                () -> pause);
        var forget = JobHarness.schedule(
                JobKind.FORGET,
                List.of(),
                new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty()),
                BackupOptions.NONE,
                Hooks.NONE);

        deferring.due(forget, DUE, 0, 1);
        deferring.missed(forget, DUE.plusSeconds(60), DUE.plusSeconds(60), 0, "busy");
        nanos += Duration.ofDays(3).toNanos();
        deferring.tick();

        assertThat(harness.journal.list()).extracting(JobEntry::phase).containsExactly(JobEntry.Phase.WAITING);
        assertThat(harness.sent(ToServer.JobMissed.class)).isEmpty();

        connected.set(true);
        deferring.connected();

        assertThat(fired).singleElement().isInstanceOf(ToServer.ScheduleFire.class);
    }

    @Test
    void a_forget_that_the_server_starts_needs_no_schedule() throws Exception {
        var command = (ToAgent.CommandRun) Wire.decodeToAgent(Wire.encode((ToAgent) new ToAgent.CommandRun(
                new JobId(COMMANDED),
                new JobSpec.Forget(Optional.empty()),
                JobTrigger.AUTO,
                Optional.empty(),
                Optional.empty())));

        dueRuns.run(command);

        assertThat(harness.journal.find(new JobId(COMMANDED)))
                .map(JobEntry::spec)
                .contains(new JobSpec.Forget(Optional.empty()));
    }

    @Test
    void a_run_that_is_held_starts_after_an_hour() {
        var runId = due();
        dueRuns.hold(new ToAgent.CommandHold(new JobId(runId), "the repository is busy"));

        pass(Duration.ofMinutes(59));
        assertThat(harness.journal.find(new JobId(runId))).map(JobEntry::phase).contains(JobEntry.Phase.WAITING);
        pass(Duration.ofMinutes(2));

        assertThat(harness.end(runId).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    private String due() {
        dueRuns.due(schedule(), DUE, 0, 1);
        return present(() -> sent.stream()
                .map(message -> ((ToServer.ScheduleFire) message).runId().value())
                .findFirst());
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        dueRuns.tick();
    }

    /** Makes writing the journal's entry fail, even for root. */
    private Path breakJournal(String jobId) throws IOException {
        var obstacle = Files.createDirectory(
                harness.journal.directory(new JobId(jobId)).resolve(".job.json.tmp"));
        return Files.createFile(obstacle.resolve("file"));
    }

    private Schedule schedule() {
        return JobHarness.backupOf(harness.files.toString());
    }
}
