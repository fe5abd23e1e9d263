package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that damages files, or a copy of the state directory that lacks some: no job ends without a report. */
class DamageTest {

    private static final String JOB = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path root;

    Journal journal;
    Outbox outbox;
    Results results;

    @BeforeEach
    void open() {
        var state = StateDirectory.open(root);
        journal = Journal.open(state);
        outbox = Outbox.open(state);
        results = new Results(
                outbox,
                journal,
                new JobLogs(journal, CredentialStore.open(state), InstantSource.fixed(NOON)),
                InstantSource.fixed(NOON));
    }

    @Test
    void a_job_whose_result_was_stored_before_a_crash_does_not_run_again() {
        var end = finish();
        journal.update(new JobId(JOB), entry -> entry.in(JobEntry.Phase.RUNNING));

        open();

        assertThat(journal.find(new JobId(JOB))).hasValueSatisfying(entry -> {
            assertThat(entry.ended()).isTrue();
            assertThat(entry.endSequence()).contains(end);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"type\":\"job.fini", "null"})
    void a_job_whose_result_is_damaged_ends_as_interrupted_with_the_reason(String damage) throws IOException {
        var end = finish();
        Files.writeString(file(end), damage);
        assertThat(sent()).isEmpty();

        results.reportLostResults();

        assertThat(sent()).singleElement().isInstanceOfSatisfying(ToServer.JobFinished.class, sent -> {
            assertThat(sent.jobId().value()).isEqualTo(JOB);
            assertThat(sent.status()).isEqualTo(JobStatus.INTERRUPTED);
            assertThat(sent.errorCode()).contains(ErrorCode.RESULT_LOST.reported());
            assertThat(sent.error().orElseThrow()).contains("damaged");
            assertThat(sent.sequence()).isGreaterThan(end);
        });
    }

    @Test
    void so_it_does_after_later_acknowledgements_and_a_restart() throws IOException {
        var end = finish();
        Files.writeString(file(end), "");
        results.snapshots(NOON, List.of());
        sent();
        results.acked(end + 1);

        open();
        assertThat(results.openJobs()).containsExactly(new JobId(JOB));
        results.reportLostResults();

        assertThat(sent()).hasSize(1);
        results.acked(end + 2);
        assertThat(results.openJobs()).isEmpty();
        results.reportLostResults();
        assertThat(sent()).isEmpty();
    }

    @Test
    void a_result_missing_after_a_restart_is_replaced() throws IOException {
        Files.delete(file(finish()));

        open();
        results.reportLostResults();

        assertThat(sent()).hasSize(1);
    }

    @Test
    void an_acknowledged_result_is_not_reported_as_lost_even_without_an_archive() {
        var end = finish();
        sent();
        results.acked(end);
        var state = StateDirectory.open(root);
        outbox = Outbox.open(state);
        state.reserve().release();

        open();
        results.reportLostResults();

        assertThat(sent()).isEmpty();
        assertThat(results.openJobs()).isEmpty();
    }

    @Test
    void a_job_with_a_damaged_entry_does_not_run_again_and_ends_as_interrupted() throws IOException {
        journal.accept(JobEntry.ordered(command(), (JobSpec) command().order()));
        Files.writeString(root.resolve("jobs/" + JOB + "/job.json"), "{");
        open();
        open(); // set aside before, and still known
        assertThat(journal.knows(new JobId(JOB))).isTrue();
        assertThat(journal.damaged(new JobId(JOB))).isTrue();

        results.damaged(command());

        assertThat(sent())
                .singleElement()
                .isInstanceOfSatisfying(
                        ToServer.JobFinished.class,
                        sent -> assertThat(sent.errorCode()).contains(ErrorCode.RESULT_LOST.reported()));
        assertThat(journal.damaged(new JobId(JOB))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{}", "[", "{\"ids\":null}"})
    void a_damaged_list_of_ended_jobs_does_not_stop_the_agent(String damage) throws IOException {
        Files.writeString(root.resolve("ended-jobs.json"), damage);

        assertThatCode(this::open).doesNotThrowAnyException();

        assertThat(root.resolve("ended-jobs.json.damaged")).exists();
    }

    private static ToAgent.CommandRun command() {
        return new ToAgent.CommandRun(
                new JobId(JOB), JobSpec.once(JobKind.CHECK), JobTrigger.MANUAL, Optional.empty(), Optional.empty());
    }

    private long finish() {
        journal.accept(JobEntry.ordered(command(), (JobSpec) command().order()));
        journal.update(new JobId(JOB), entry -> entry.started(NOON));
        results.finished(journal.find(new JobId(JOB)).orElseThrow(), Outcome.failed(ErrorCode.LOCKED, "is locked"));
        return journal.find(new JobId(JOB)).orElseThrow().endSequence().orElseThrow();
    }

    private Path file(long sequence) {
        return root.resolve("outbox/%019d.json".formatted(sequence));
    }

    private List<ToServer> sent() {
        var sent = new ArrayList<ToServer>();
        for (var next = outbox.next(); next.isPresent(); next = outbox.next()) {
            sent.add(next.get());
        }
        return sent;
    }
}
