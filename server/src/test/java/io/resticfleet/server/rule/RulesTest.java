package io.resticfleet.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.NightlyHost;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is found wrong with a fleet, from what agents report to the list of alerts. */
@Tag("slow")
class RulesTest {

    /** Of the nightly schedule, with its grace. */
    private static final Instant FIRST_OVER = Instant.parse("2026-03-02T04:54:00Z");

    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    final TestServer server = new TestServer();

    private NightlyHost web;

    @BeforeEach
    void join() throws Exception {
        web = NightlyHost.connect(server, "web");
        server.clock().skip(Agents.START_GRACE);
    }

    @Test
    void a_fleet_in_order_has_no_alerts() throws Exception {
        web.runBackup(JobStatus.SUCCEEDED);
        assertThat(alerts()).isEmpty();

        server.clock().advance(DAY);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_failed_backup_that_is_tried_again_alerts_after_half_an_hour_and_a_good_one_ends_it() throws Exception {
        web.runBackup(JobStatus.FAILED);
        assertThat(alerts()).isEmpty();

        server.clock().advance(ScheduleRules.RETRIED.plusMinutes(1));
        assertThat(alerts()).containsExactly("backup_failed warning");
        assertThat(text()).startsWith("Backup \"nightly\" of web failed: ");

        web.runBackup(JobStatus.SUCCEEDED);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_failure_that_no_further_try_helps_alerts_at_once() throws Exception {
        web.agent().sendAndDrain(reports().failed(1, SampleReports.id(1), web.schedule(), "wrong_password"));

        assertThat(alerts()).containsExactly("backup_failed warning", "repository_wrong_password critical");
        assertThat(texts())
                .contains("Backup \"nightly\" of web failed: the repository password is wrong; correct it in the host's"
                        + " repository settings (what restic wrote).");
    }

    @Test
    void a_missed_backup_becomes_stale_after_a_second_one_and_a_restart_neither_loses_nor_doubles_it()
            throws Exception {
        web.runBackup(JobStatus.SUCCEEDED);
        server.maintenance().checkMissedRunsAt(FIRST_OVER.plusSeconds(1));
        assertThat(alerts()).containsExactly("backup_missed warning");
        var id = id();

        server.maintenance().checkMissedRunsAt(FIRST_OVER.plus(DAY).plusSeconds(1));
        assertThat(alerts()).containsExactly("backup_stale critical");
        assertThat(text()).startsWith("No complete backup by \"nightly\" of web since 1 Mar 2026, 12:0");
        assertThat(id()).isEqualTo(id);

        server.stop();
        server.start();
        assertThat(alerts()).containsExactly("backup_stale critical");
        assertThat(id()).isEqualTo(id);
    }

    @Test
    void a_backup_that_is_running_neither_makes_nor_ends_a_stale_one() throws Exception {
        web.runBackup(JobStatus.SUCCEEDED);
        server.clock().set(FIRST_OVER.plus(DAY).minusSeconds(1));
        var job = web.startBackup();
        server.clock().advance(Duration.ofMinutes(1));
        assertThat(alerts()).isEmpty();

        web.finishBackup(job);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_new_schedule_is_not_stale_before_two_due_times() throws Exception {
        server.clock().set(FIRST_OVER.plusSeconds(1));
        assertThat(alerts()).isEmpty();

        server.clock().set(FIRST_OVER.plus(DAY).plusSeconds(1));
        assertThat(alerts()).containsExactly("backup_stale critical");
        assertThat(text()).isEqualTo("No complete backup by \"nightly\" of web yet, although at least two were due.");
    }

    @Test
    void what_was_due_in_a_pause_makes_no_backup_stale_when_it_ends() throws Exception {
        web.runBackup(JobStatus.SUCCEEDED);
        server.api().post("/api" + web.path() + "/pause", "");
        server.clock().advance(DAY.multipliedBy(5));
        assertThat(alerts()).isEmpty();

        server.api().post("/api" + web.path() + "/resume", "");
        assertThat(alerts()).isEmpty();

        server.clock().advance(DAY.multipliedBy(2));
        assertThat(alerts()).containsExactly("backup_stale critical");
    }

    @Test
    void partial_backups_become_stale_too() throws Exception {
        web.runBackup(JobStatus.PARTIAL);
        assertThat(alerts()).containsExactly("backup_partial warning");

        server.clock().set(FIRST_OVER.plus(DAY));
        web.runBackup(JobStatus.PARTIAL);
        assertThat(alerts()).containsExactly("backup_stale critical");
    }

    @Test
    void a_schedule_that_is_disabled_or_deleted_has_no_alert() throws Exception {
        web.runBackup(JobStatus.PARTIAL);
        assertThat(alerts()).containsExactly("backup_partial warning");
        var path = "/api/hosts/" + web.enrolled().hostId() + "/schedules/" + web.schedule();

        var body = new HashMap<>(Samples.NIGHTLY);
        body.put("enabled", false);
        server.api().put(path, body);
        web.agent().drain();
        assertThat(alerts()).isEmpty();
    }

    @Test
    void a_host_that_is_away_alerts_after_its_grace_and_is_critical_after_a_day() throws Exception {
        web.runBackup(JobStatus.SUCCEEDED);
        web.agent().abort();
        web.enrolled().awaitStatus("offline");
        server.clock().advance(HostRules.OFFLINE_GRACE.minusSeconds(1));
        assertThat(alerts()).isEmpty();

        server.clock().advance(Duration.ofSeconds(1));
        assertThat(alerts()).containsExactly("host_offline warning");
        server.clock().advance(Duration.ofHours(24).minus(HostRules.OFFLINE_GRACE));
        assertThat(alerts()).contains("host_offline critical");

        web.enrolled().connectInSync();
        assertThat(alerts()).doesNotContain("host_offline critical");
    }

    @Test
    void hosts_that_have_not_reconnected_yet_are_unknown_after_a_restart() throws Exception {
        server.stop();
        server.clock().advance(Duration.ofHours(3));
        server.start();
        assertThat(alerts()).isEmpty();

        server.clock().skip(Agents.START_GRACE);
        assertThat(alerts()).containsExactly("host_offline warning");
    }

    @Test
    void a_host_that_never_connected_alerts_after_an_hour() throws Exception {
        EnrolledAgent db = server.enrol("db");
        server.clock().advance(Duration.ofMinutes(59));
        assertThat(alerts()).isEmpty();
        server.clock().advance(Duration.ofMinutes(1));
        assertThat(alerts()).containsExactly("host_never_connected warning");

        db.connectInSync();
        assertThat(alerts()).isEmpty();
        server.clock().advance(DAY);
        assertThat(alerts()).containsExactly("host_unprotected warning");
    }

    @Test
    void a_host_that_does_not_apply_its_schedules_alerts_after_half_an_hour() throws Exception {
        web.enrolled().addSchedule(Samples.UNNAMED);
        assertThat(alerts()).isEmpty();
        server.clock().advance(HostLook.SETTLING);
        assertThat(alerts()).isEmpty();
        server.clock().advance(AgentRules.DRIFT_GRACE);
        assertThat(alerts()).containsExactly("schedules_drifting warning");

        web.agent().sendAndDrain(new ToServer.ScheduleAck(2, Optional.empty()));
        assertThat(alerts()).isEmpty();
        web.enrolled().addSchedule(Samples.UNNAMED);
        web.agent().sendAndDrain(new ToServer.ScheduleAck(2, Optional.of("no such option")));
        assertThat(alerts()).containsExactly("schedules_refused warning");
    }

    @Test
    void a_clock_that_is_off_alerts_and_one_that_is_far_off_is_critical() throws Exception {
        web.agent().abort();
        var early = server.dial();
        var challenge = early.receive(ToAgent.Challenge.class);
        var hello = web.enrolled().hello(1, server.now().minus(Duration.ofMinutes(6)));
        early.send(web.enrolled().sign(hello, challenge.nonce()));
        early.receive(ToAgent.Welcome.class);
        early.drain();
        alerts();
        server.clock().advance(AgentRules.CLOCK_GRACE);
        assertThat(alerts()).containsExactly("clock_off warning");
        assertThat(text()).startsWith("web: its clock is 6 minutes behind this server's");
    }

    /** Kind and severity of each open alert, after a look. */
    private List<String> alerts() throws Exception {
        return new OpenAlerts(server).look();
    }

    private String text() throws Exception {
        return server.api().get("/api/alerts?state=open").at("/items/0/text");
    }

    private List<String> texts() throws Exception {
        return new OpenAlerts(server).listed("text");
    }

    private String id() throws Exception {
        return server.api().get("/api/alerts?state=open").at("/items/0/id");
    }

    private SampleReports reports() {
        return new SampleReports(server);
    }
}
