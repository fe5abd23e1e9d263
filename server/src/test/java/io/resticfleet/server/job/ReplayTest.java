package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static io.resticfleet.server.job.SampleReports.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that come twice, late, or in another order have one effect. */
@Tag("slow")
class ReplayTest {

    private static final Instant DUE = TestServer.START.minus(Duration.ofHours(10));

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private String nightly;
    private AgentClient agent;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        nightly = web.addSchedule(NIGHTLY);
        agent = web.connectInSync();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void any_order_with_any_repetition_ends_as_the_right_one(long seed) throws Exception {
        var history = history();
        for (var message : history) {
            agent.send(message);
        }
        agent.drain();
        var right = jobs();
        assertThat(right).hasSize(8);
        var again = shuffled(history, seed);
        for (var message : again) {
            agent.send(message);
        }
        agent.drain();
        assertThat(jobs()).as("replayed, seed " + seed).isEqualTo(right);

        server.sql("DELETE FROM jobs");
        for (var message : again) {
            agent.send(message);
        }
        agent.drain();
        assertThat(jobs()).as("shuffled, seed " + seed).isEqualTo(right);
    }

    @Test
    void an_earlier_end_does_not_replace_a_later_one() throws Exception {
        agent.sendAndDrain(reports.finished(5, id(1), nightly));

        agent.sendAndDrain(end(3, id(1), JobStatus.FAILED));
        assertThat(status(id(1))).isEqualTo("succeeded");
        agent.sendAndDrain(end(7, id(1), JobStatus.FAILED));
        assertThat(status(id(1))).isEqualTo("failed");
    }

    @Test
    void a_report_of_a_lost_end_does_not_replace_the_end() throws Exception {
        agent.sendAndDrain(reports.started(1, id(1), Optional.of(nightly), Optional.empty()));
        agent.sendAndDrain(reports.started(2, id(2), Optional.of(nightly), Optional.empty()));
        agent.sendAndDrain(reports.finished(3, id(1), nightly));

        agent.sendAndDrain(lost(4, id(1)));
        agent.sendAndDrain(lost(5, id(2)));

        assertThat(status(id(1))).isEqualTo("succeeded");
        assertThat(status(id(2))).isEqualTo("interrupted");
    }

    @Test
    void a_missed_time_does_not_come_back_beside_the_run_that_was() throws Exception {
        agent.sendAndDrain(reports.finished(
                5, id(1), Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));

        agent.sendAndDrain(missed(2, id(2), DUE));

        assertThat(jobs()).singleElement().asString().contains("succeeded");
    }

    /** As after a clock that ran ahead: the report about several due times is all that is known of the older ones. */
    @Test
    void a_run_does_not_remove_the_report_about_older_due_times() throws Exception {
        agent.sendAndDrain(missedSince(1, id(1), DUE.minus(Duration.ofDays(3)), DUE));

        agent.sendAndDrain(reports.finished(
                2, id(2), Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));

        assertThat(status(id(1))).isEqualTo("missed");
        assertThat(status(id(2))).isEqualTo("succeeded");
    }

    @Test
    void a_list_of_snapshots_is_as_new_as_its_sequence_not_as_its_clock() throws Exception {
        var first = "a".repeat(64);
        var second = "b".repeat(64);
        agent.sendAndDrain(reports.snapshots(4, server.now().plus(Duration.ofDays(4_000)), first));

        agent.sendAndDrain(reports.snapshots(6, server.now(), second));
        agent.sendAndDrain(reports.snapshots(4, server.now().plus(Duration.ofDays(4_000)), first));

        assertThat(server.api().get("/api/hosts/" + web.hostId() + "/snapshots").text())
                .contains(second)
                .doesNotContain(first);
    }

    @Test
    void a_result_that_can_never_be_stored_is_acknowledged() throws Exception {
        agent.sendText(Wire.encode(reports.finished(8, id(1), nightly)).replace(id(1), "no-ulid"));
        agent.drain();

        assertThat(server.sql("SELECT stored_sequence FROM hosts")).containsExactly("8");
    }

    /**
     * Two manual runs, due times run, missed, and run after the server recorded them as missed, a lost end, and the last of
     * several due times run after all were reported as missed.
     */
    private List<ToServer> history() {
        var sent = new ArrayList<ToServer>();
        sent.add(reports.started(1, id(1), Optional.of(nightly), Optional.empty()));
        sent.add(reports.finished(2, id(1), nightly));
        sent.add(reports.started(3, id(2), Optional.of(nightly), Optional.empty()));
        sent.add(end(4, id(2), JobStatus.FAILED));
        sent.add(SampleReports.fire(id(3), nightly, DUE, 1));
        sent.add(reports.started(5, id(3), Optional.of(nightly), Optional.of(DUE)));
        sent.add(reports.finished(
                6, id(3), Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));
        sent.add(missed(7, id(4), DUE.plusSeconds(60)));
        sent.add(missed(8, id(5), DUE.plusSeconds(120)));
        sent.add(reports.started(9, id(5), Optional.of(nightly), Optional.of(DUE.plusSeconds(120))));
        sent.add(reports.finished(
                10, id(5), Optional.of(nightly), Optional.of(DUE.plusSeconds(120)), JobStatus.PARTIAL, ""));
        sent.add(reports.started(11, id(6), Optional.of(nightly), Optional.empty()));
        sent.add(lost(12, id(6)));
        sent.add(end(13, id(2), JobStatus.INTERRUPTED));
        sent.add(missedSince(14, id(7), DUE.plusSeconds(180), DUE.plusSeconds(300)));
        sent.add(reports.finished(
                15, id(8), Optional.of(nightly), Optional.of(DUE.plusSeconds(300)), JobStatus.SUCCEEDED, ""));
        return sent;
    }

    private static List<ToServer> shuffled(List<ToServer> history, long seed) {
        var random = new Random(seed);
        var all = new ArrayList<ToServer>(history);
        for (int i = 0; i < 2 * history.size(); i++) {
            all.add(history.get(random.nextInt(history.size())));
        }
        Collections.shuffle(all, random);
        return all;
    }

    private ToServer.JobFinished end(long sequence, String job, JobStatus status) {
        return reports.finished(sequence, job, Optional.of(nightly), Optional.empty(), status, "");
    }

    private ToServer.JobFinished lost(long sequence, String job) {
        return new ToServer.JobFinished(
                sequence,
                new JobId(job),
                JobKind.BACKUP,
                JobTrigger.MANUAL,
                Optional.of(new ScheduleId(nightly)),
                Optional.empty(),
                Optional.of(server.now()),
                server.now().plusSeconds(90),
                JobStatus.INTERRUPTED,
                Optional.empty(),
                Optional.of("lost"),
                Optional.of(ErrorCode.RESULT_LOST.reported()),
                Optional.empty(),
                new NoResult());
    }

    private ToServer.JobMissed missed(long sequence, String job, Instant due) {
        return SampleReports.missed(sequence, job, JobKind.BACKUP, nightly, due, "asleep");
    }

    private ToServer.JobMissed missedSince(long sequence, String job, Instant since, Instant due) {
        return new ToServer.JobMissed(
                sequence, new JobId(job), JobKind.BACKUP, new ScheduleId(nightly), due, Optional.of(since), "asleep");
    }

    private String status(String job) throws Exception {
        return server.api().get("/api/jobs/" + job).at("/status");
    }

    private List<String> jobs() throws Exception {
        return server.sql("SELECT concat_ws(' ', id, kind, status, trigger_word, due_at, started_at, finished_at,"
                + " exit_code, error, error_code, snapshot_id) FROM jobs ORDER BY id");
    }
}
