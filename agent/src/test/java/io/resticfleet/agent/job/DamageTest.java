package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.state.StateDirectory;
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

/** A disk that damages what was written, or a copy of the directory that lacks some of it: no job ends in silence. */
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
    void a_job_whose_end_was_told_and_not_noted_before_a_crash_is_not_gone_through_again() {
        var end = finish();
        journal.update(JOB, entry -> entry.in(JobEntry.Phase.RUNNING));

        open();

        assertThat(journal.find(JOB)).hasValueSatisfying(entry -> {
            assertThat(entry.ended()).isTrue();
            assertThat(entry.endSequence()).contains(end);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"type\":\"job.fini", "null"})
    void a_job_whose_result_is_damaged_ends_as_interrupted_with_the_reason(String damage) throws IOException {
        var end = finish();
        Files.writeString(file(end), damage);
        assertThat(told()).isEmpty();

        results.makeUp();

        assertThat(told()).singleElement().isInstanceOfSatisfying(ToServer.JobFinished.class, told -> {
            assertThat(told.jobId()).isEqualTo(JOB);
            assertThat(told.status()).isEqualTo(JobStatus.INTERRUPTED);
            assertThat(told.errorCode()).contains("result_lost");
            assertThat(told.error().orElseThrow()).contains("damaged");
            assertThat(told.sequence()).isGreaterThan(end);
        });
    }

    @Test
    void it_does_so_too_when_later_results_were_acknowledged_and_the_agent_was_restarted() throws IOException {
        var end = finish();
        Files.writeString(file(end), "");
        results.snapshots(NOON, List.of());
        told();
        results.acked(end + 1);

        open();
        assertThat(results.openJobs()).containsExactly(JOB);
        results.makeUp();

        assertThat(told()).hasSize(1);
        results.acked(end + 2);
        assertThat(results.openJobs()).isEmpty();
        results.makeUp();
        assertThat(told()).isEmpty();
    }

    @Test
    void a_result_that_is_gone_after_a_restart_is_made_up_for() throws IOException {
        Files.delete(file(finish()));

        open();
        results.makeUp();

        assertThat(told()).hasSize(1);
    }

    @Test
    void a_result_that_was_acknowledged_is_not_told_as_lost_even_with_no_archive_left() {
        var end = finish();
        told();
        results.acked(end);
        var state = StateDirectory.open(root);
        outbox = Outbox.open(state);
        state.reserve().release();

        open();
        results.makeUp();

        assertThat(told()).isEmpty();
        assertThat(results.openJobs()).isEmpty();
    }

    @Test
    void a_job_whose_entry_is_damaged_is_not_run_again_and_ends_as_interrupted_when_asked_for() throws IOException {
        journal.accept(JobEntry.asked(command(), (JobSpec) command().order()));
        Files.writeString(root.resolve("jobs/" + JOB + "/job.json"), "{");
        open();
        open(); // it was set aside and is remembered
        assertThat(journal.knows(JOB)).isTrue();
        assertThat(journal.damaged(JOB)).isTrue();

        results.damaged(command());

        assertThat(told())
                .singleElement()
                .isInstanceOfSatisfying(
                        ToServer.JobFinished.class,
                        told -> assertThat(told.errorCode()).contains("result_lost"));
        assertThat(journal.damaged(JOB)).isFalse();
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
                JOB, new JobSpec.Check(Optional.empty()), JobTrigger.MANUAL, Optional.empty(), Optional.empty());
    }

    private long finish() {
        journal.accept(JobEntry.asked(command(), (JobSpec) command().order()));
        journal.update(JOB, entry -> entry.started(NOON));
        results.finished(journal.find(JOB).orElseThrow(), Outcome.failed("locked", "is locked"));
        return journal.find(JOB).orElseThrow().endSequence().orElseThrow();
    }

    private Path file(long sequence) {
        return root.resolve("outbox/%019d.json".formatted(sequence));
    }

    private List<ToServer> told() {
        var told = new ArrayList<ToServer>();
        for (var next = outbox.next(); next.isPresent(); next = outbox.next()) {
            told.add(next.get());
        }
        return told;
    }
}
