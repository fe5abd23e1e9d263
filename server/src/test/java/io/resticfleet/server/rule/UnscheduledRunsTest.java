package io.resticfleet.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.NightlyHost;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is found of runs that no schedule started. */
@Tag("slow")
class UnscheduledRunsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private NightlyHost web;

    @BeforeEach
    void join() throws Exception {
        web = NightlyHost.connect(server, "web");
        server.clock().skip(Agents.START_GRACE);
        web.runBackup(JobStatus.SUCCEEDED);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_check_of_no_schedule_that_found_damage_alerts_by_its_repository() throws Exception {
        web.agent()
                .sendAndDrain(
                        new SampleReports(server).failed(3_000, SampleReports.id(3_000), JobKind.CHECK, "damaged"));
        server.clock().advance(Duration.ofMinutes(1));
        assertThat(alerts()).containsExactly("repository_damaged critical");
        assertThat(listed("text"))
                .containsExactly("Repository \"rest:http://nas:8000/fleet\" is damaged: what restic wrote.");
    }

    @Test
    void a_failed_forget_of_no_schedule_alerts_for_a_week() throws Exception {
        var reports = new SampleReports(server);
        web.agent().sendAndDrain(reports.failed(3_000, SampleReports.id(3_000), JobKind.FORGET, "wrong_password"));
        server.clock().advance(Duration.ofMinutes(1));
        assertThat(alerts()).contains("job_failed warning");
        assertThat(listed("text")).anyMatch(text -> text.startsWith("Forget by web failed: the repository password"));

        server.clock().advance(Duration.ofDays(7));
        assertThat(alerts()).doesNotContain("job_failed warning");
    }

    private List<String> alerts() throws Exception {
        return new OpenAlerts(server).look();
    }

    private List<String> listed(String field) throws Exception {
        return new OpenAlerts(server).listed(field);
    }
}
