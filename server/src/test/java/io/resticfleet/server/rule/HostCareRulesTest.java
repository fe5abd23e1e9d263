package io.resticfleet.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.NightlyHost;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is found wrong with hosts of which somebody has said what to expect: that come and go, or are paused. */
@Tag("slow")
class HostCareRulesTest {

    /** After the grace of the nightly schedule's first due time. */
    private static final Instant FIRST_OVER = Instant.parse("2026-03-02T04:54:01Z");

    @RegisterExtension
    final TestServer server = new TestServer();

    private NightlyHost web;
    private String path;

    @BeforeEach
    void join() throws Exception {
        web = NightlyHost.connect(server, "web");
        path = "/api/hosts/" + web.enrolled().hostId();
        server.clock().skip(Agents.START_GRACE);
        web.runBackup(JobStatus.SUCCEEDED);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_host_that_comes_and_goes_alerts_only_after_two_weeks_without_a_backup() throws Exception {
        expect(Map.of("comes_and_goes", true));
        leave();
        server.maintenance().checkMissedRunsAt(FIRST_OVER);
        server.maintenance().checkMissedRunsAt(FIRST_OVER.plus(Duration.ofDays(1)));
        server.clock().advance(Duration.ofDays(11));
        assertThat(alerts()).isEmpty();

        server.clock().advance(Duration.ofDays(2));
        assertThat(alerts()).containsExactly("backup_stale critical");
        assertThat(text()).startsWith("web has no complete backup since 1 Mar 2026, 12:0");

        web = new NightlyHost(web.enrolled(), web.schedule(), web.enrolled().connectInSync());
        web.runBackup(JobStatus.SUCCEEDED);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_host_that_comes_and_goes_is_stale_after_the_days_that_are_set() throws Exception {
        expect(Map.of("comes_and_goes", true, "stale_after_days", 3));
        leave();
        server.clock().advance(Duration.ofDays(3).minusMinutes(2));
        assertThat(alerts()).isEmpty();
        server.clock().advance(Duration.ofMinutes(3));
        assertThat(alerts()).containsExactly("backup_stale critical");
    }

    @Test
    void a_paused_host_alerts_only_of_its_pause_and_after_a_week() throws Exception {
        assertThat(server.api()
                        .post(path + "/pause", Map.of("reason", "new disks"))
                        .status())
                .isEqualTo(200);
        leave();
        server.clock().advance(HostRules.PAUSED_GRACE.minusSeconds(1));
        assertThat(alerts()).isEmpty();

        server.clock().advance(Duration.ofSeconds(1));
        assertThat(alerts()).containsExactly("host_paused warning");
        assertThat(text()).startsWith("web makes no backups: it is paused by ").endsWith(": new disks.");

        server.api().post(path + "/resume", Map.of());
        assertThat(alerts()).doesNotContain("host_paused warning");
    }

    @Test
    void a_drill_of_no_schedule_that_found_damage_is_critical() throws Exception {
        web.agent()
                .sendAndDrain(
                        new SampleReports(server).failed(2_000, SampleReports.id(2_000), JobKind.DRILL, "damaged"));
        assertThat(alerts()).contains("drill_failed critical");
        assertThat(texts())
                .anyMatch(text -> text.startsWith("web: a drill, which restores a sample of its backup, failed: "));
    }

    @Test
    void nothing_of_a_silenced_host_is_announced_until_the_silence_ends() throws Exception {
        server.api().post(path + "/silence", Map.of("until", "2026-03-01T13:00:00Z", "reason", "I work on it"));
        web.runBackup(JobStatus.PARTIAL);
        assertThat(alerts()).containsExactly("backup_partial warning");
        assertThat(announced()).isEqualTo("0");

        server.clock().set(Instant.parse("2026-03-01T13:00:00Z"));
        alerts();
        assertThat(announced()).isEqualTo("1");
    }

    private String announced() throws Exception {
        return server.sql("SELECT count(*) FROM alerts WHERE announced_at IS NOT NULL")
                .get(0);
    }

    private void expect(Map<String, Object> wanted) throws Exception {
        var answer = server.api().patch(path, wanted);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private void leave() throws Exception {
        web.agent().abort();
        web.enrolled().awaitStatus("offline");
    }

    private String text() throws Exception {
        return texts().get(0);
    }

    private List<String> texts() throws Exception {
        return new OpenAlerts(server).listed("text");
    }

    private List<String> alerts() throws Exception {
        return new OpenAlerts(server).look();
    }
}
