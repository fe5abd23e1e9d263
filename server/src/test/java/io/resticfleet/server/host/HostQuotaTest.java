package io.resticfleet.server.host;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("slow")
class HostQuotaTest {

    private static final Instant DUE = Instant.parse("2026-03-01T02:30:00Z");

    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--jobs-per-day", "3", "--log-mb-per-day", "1"));

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private AgentClient agent;
    private String nightly;

    @BeforeEach
    void connect() throws Exception {
        web = server.enrol("web");
        nightly = web.addSchedule(NIGHTLY);
        agent = web.connectInSync();
    }

    @Test
    void jobs_beyond_the_quota_are_acknowledged_and_counted_and_runs_that_were_due_are_stored() throws Exception {
        for (int job = 1; job <= 6; job++) {
            assertThat(agent.sendAndDrain(reports.finished(job, SampleReports.id(job), nightly)))
                    .containsExactly(new ToAgent.EventAck(job));
        }
        agent.sendAndDrain(reports.finished(
                7, SampleReports.id(7), Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, ""));
        agent.sendAndDrain(reports.finished(
                8, SampleReports.id(8), Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, ""));
        agent.sendAndDrain(reports.finished(
                9, SampleReports.id(9), Optional.of(nightly), Optional.of(DUE.plusMillis(1)), JobStatus.SUCCEEDED, ""));

        assertThat(server.sql("SELECT id FROM jobs ORDER BY id"))
                .containsExactly(
                        SampleReports.id(1),
                        SampleReports.id(2),
                        SampleReports.id(3),
                        SampleReports.id(7),
                        SampleReports.id(8));
        assertThat(quota("jobs")).isEqualTo("3");
        assertThat(quota("jobs_limit")).isEqualTo("3");
        assertThat(quota("jobs_dropped")).isEqualTo("4");
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'host.quota'"))
                .containsExactly("1");
        assertThat(server.api().get("/hosts/" + web.hostId() + "/settings").text())
                .contains("4 reported jobs beyond the limit counted, but not stored");
    }

    @Test
    void a_run_for_a_due_time_of_a_schedule_is_never_refused() throws Exception {
        for (int job = 1; job <= 4; job++) {
            agent.sendAndDrain(reports.finished(job, SampleReports.id(job), nightly));
        }
        var byAnEarlierCron = DUE.plus(Duration.ofMinutes(7));

        for (var run : List.of(fire(5, DUE), fire(6, DUE), fire(7, byAnEarlierCron))) {
            assertThat(agent.sendAndDrain(run)).doesNotHaveAnyElementsOfTypes(ToAgent.CommandRefuse.class);
        }

        assertThat(agent.sendAndDrain(fire(8, DUE.plusMillis(1)))).hasOnlyElementsOfType(ToAgent.CommandRefuse.class);
        assertThat(quota("jobs")).isEqualTo("3");
    }

    @Test
    void runs_for_due_times_do_not_use_up_the_quota_and_a_job_that_is_not_stored_counts_once() throws Exception {
        for (int minute = 0; minute < 4; minute++) {
            agent.sendAndDrain(fire(minute, DUE.plus(Duration.ofMinutes(minute))));
        }
        for (int job = 11; job <= 14; job++) {
            agent.sendAndDrain(reports.started(SampleReports.id(job), nightly));
            agent.sendAndDrain(reports.finished(job, SampleReports.id(job), nightly));
        }

        assertThat(quota("jobs")).isEqualTo("3");
        assertThat(quota("jobs_dropped")).isEqualTo("1");
    }

    private ToServer.ScheduleFire fire(int number, Instant dueAt) {
        return SampleReports.fire(SampleReports.id(number), nightly, dueAt, 1);
    }

    @Test
    void on_the_next_day_the_quota_is_whole_again() throws Exception {
        for (int job = 1; job <= 4; job++) {
            agent.sendAndDrain(reports.finished(job, SampleReports.id(job), nightly));
        }
        server.clock().advance(Duration.ofDays(1));

        agent.sendAndDrain(reports.finished(5, SampleReports.id(5), nightly));

        assertThat(server.sql("SELECT count(*) FROM jobs")).containsExactly("4");
        assertThat(quota("jobs")).isEqualTo("1");
    }

    @Test
    void logs_beyond_the_quota_are_dropped_with_a_marker() throws Exception {
        for (int job = 1; job <= 2; job++) {
            agent.sendAndDrain(reports.finished(job, SampleReports.id(job), nightly));
            agent.sendAndDrain(reports.log(SampleReports.id(job), 1, 600, "x".repeat(1_000)));
        }

        assertThat(server.api().get("/api/jobs/" + SampleReports.id(1) + "/log").text())
                .doesNotContain("dropped");
        assertThat(server.api().get("/api/jobs/" + SampleReports.id(2) + "/log").text())
                .contains(
                        "lines of the log were dropped: the machine has sent more logs today than this server stores");
        assertThat(Long.parseLong(quota("log_bytes"))).isBetween(1_040_000L, 1_060_000L);
        assertThat(Long.parseLong(quota("log_bytes_dropped"))).isBetween(150_000L, 350_000L);
    }

    @Test
    void a_result_that_can_never_be_stored_is_acknowledged_counted_and_shown() throws Exception {
        var end = Wire.encode(reports.finished(2, SampleReports.id(1), nightly));

        agent.sendText(end.replaceAll("\"finished_at\":\"[^\"]*\"", "\"finished_at\":\"+292277026-12-04T15:30:07Z\""));

        assertThat(agent.drain()).contains(new ToAgent.EventAck(2));
        assertThat(quota("unstorable")).isEqualTo("1");
        assertThat(quota("unstorable_reason")).startsWith("finished_at");
        assertThat(server.sql("SELECT unstorable_frame LIKE '%job.finished%' FROM host_days"))
                .containsExactly("1");
        assertThat(server.api().get("/hosts/" + web.hostId() + "/settings").text())
                .contains("1 result that can never be stored set aside: finished_at");
        assertThat(agent.sendAndDrain(reports.finished(3, SampleReports.id(2), nightly)))
                .containsExactly(new ToAgent.EventAck(3));
    }

    private String quota(String field) throws Exception {
        return server.api().get("/api/hosts/" + web.hostId()).at("/quota/" + field);
    }
}
