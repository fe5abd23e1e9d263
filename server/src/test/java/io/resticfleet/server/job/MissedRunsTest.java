package io.resticfleet.server.job;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.link.Agents;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No due time passes without a word. */
@Tag("slow")
class MissedRunsTest {

    private static final String OWN = SampleReports.id(1);
    private static final Instant DUE = Instant.parse("2026-03-02T02:30:00Z");

    @RegisterExtension
    final TestServer server = new TestServer();

    /** Of a nightly schedule: a tenth of a day. */
    private static final Duration GRACE = Duration.ofMinutes(144);

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private String nightly;

    @BeforeEach
    void join() throws Exception {
        server.clock().skip(Agents.START_GRACE);
        web = server.enrol("web");
        nightly = web.addSchedule(NIGHTLY);
    }

    @Test
    void a_due_time_without_a_report_is_missed_once_after_the_grace() throws Exception {
        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE).minusSeconds(1));
        assertThat(rows()).isEmpty();

        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));
        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofHours(4)));

        var missed = server.api().get("/api/jobs?status=missed").json().path("items");
        assertThat(missed).hasSize(1);
        assertThat(missed.get(0).path("due_at").asText()).isEqualTo("2026-03-02T02:30:00Z");
        assertThat(missed.get(0).path("schedule_id").asText()).isEqualTo(nightly);
        assertThat(missed.get(0).path("error").asText()).contains("not connected, never seen");
    }

    @Test
    void nothing_is_missed_in_the_first_five_minutes_even_if_the_clock_changes() throws Exception {
        server.stop();
        server.start();
        server.clock().skip(Agents.START_GRACE.minusMinutes(1));
        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));
        assertThat(rows()).isEmpty();

        server.clock().skip(Duration.ofMinutes(1));
        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));
        assertThat(rows()).containsExactly("missed");
    }

    @Test
    void the_reason_names_an_agent_that_is_connected_and_idle() throws Exception {
        web.connectInSync();

        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));

        assertThat(server.sql("SELECT error FROM jobs"))
                .singleElement()
                .asString()
                .contains("is connected but");
    }

    @Test
    void what_the_agent_did_at_that_time_takes_the_place_of_the_missed_row() throws Exception {
        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));
        assertThat(rows()).containsExactly("missed");

        var agent = web.connectInSync();
        agent.sendAndDrain(reports.finished(
                1, OWN, Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));

        assertThat(rows()).containsExactly("succeeded");
        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofHours(5)));
        assertThat(rows()).containsExactly("succeeded");
    }

    @Test
    void the_agents_own_reason_takes_the_place_of_the_servers() throws Exception {
        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));

        web.connectInSync()
                .sendAndDrain(SampleReports.missed(1, OWN, JobKind.BACKUP, nightly, DUE, "the machine slept"));

        assertThat(server.sql("SELECT error FROM jobs")).containsExactly("the machine slept");
    }

    @Test
    void a_run_reported_in_time_is_not_missed() throws Exception {
        server.clock().set(DUE);
        var agent = web.connectInSync();
        agent.sendAndDrain(SampleReports.fire(OWN, nightly, DUE, 1));

        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE).plusSeconds(1));

        assertThat(rows()).containsExactly("queued");
    }

    @Test
    void disabled_and_manual_schedules_are_never_missed() throws Exception {
        var disabled = new HashMap<>(NIGHTLY);
        disabled.put("enabled", false);
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + nightly, disabled);
        web.addSchedule(Map.of("kind", "backup", "manual", true, "paths", List.of("/srv")));

        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofDays(3)));

        assertThat(rows()).isEmpty();
    }

    @Test
    void times_before_a_schedule_was_made_or_changed_do_not_count() throws Exception {
        server.clock().set(DUE.plus(Duration.ofHours(1)));
        var hourBefore = new HashMap<>(NIGHTLY);
        hourBefore.put("cron", "30 1 * * *");
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + nightly, hourBefore);

        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofHours(8)));

        assertThat(server.sql("SELECT due_at FROM jobs"))
                .as("the time it had, and not the new one of the same night")
                .containsExactly(Long.toString(DUE.toEpochMilli()));
    }

    @Test
    void a_schedule_whose_paths_are_changed_within_the_grace_still_has_its_missed_run() throws Exception {
        server.clock().set(DUE.plusSeconds(60));
        var other = new HashMap<>(NIGHTLY);
        other.put("paths", List.of("/srv"));
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + nightly, other);

        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));

        assertThat(rows()).containsExactly("missed");
    }

    @Test
    void a_due_time_whose_schedule_is_given_another_time_within_the_grace_is_missed_at_once() throws Exception {
        server.clock().set(DUE.plus(Duration.ofMinutes(10)));
        var other = new HashMap<String, Object>(NIGHTLY);
        other.put("cron", "30 5 * * *");
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + nightly, other);

        assertThat(server.sql("SELECT status || due_at FROM jobs")).containsExactly("missed" + DUE.toEpochMilli());
    }

    @Test
    void a_due_time_whose_schedule_is_removed_within_the_grace_is_missed_until_the_agent_reports_it() throws Exception {
        server.clock().set(DUE.plus(Duration.ofMinutes(10)));
        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + nightly);
        assertThat(rows()).containsExactly("missed");

        web.connectInSync()
                .sendAndDrain(reports.finished(
                        1, OWN, Optional.of(nightly), Optional.of(DUE), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));

        assertThat(rows()).containsExactly("succeeded");
    }

    @Test
    void a_machine_that_is_off_for_long_does_not_fill_the_table() throws Exception {
        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + nightly);
        web.addSchedule(Map.of("kind", "backup", "cron", "*/10 * * * *", "paths", List.of("/srv")));

        server.maintenance().checkMissedRunsAt(TestServer.START.plus(Duration.ofDays(10)));

        assertThat(rows()).hasSize(25);
        assertThat(server.sql("SELECT error FROM jobs ORDER BY due_at LIMIT 1"))
                .singleElement()
                .asString()
                .contains("this stands for " + (10 * 24 * 6 - 1 - 24) + " due times since 2026-03-01T");
    }

    @Test
    void times_that_passed_while_the_server_was_down_are_found() throws Exception {
        server.stop();
        server.clock().set(DUE.plus(Duration.ofDays(2)));
        server.start();

        server.maintenance().checkMissedRunsAt(server.now().plus(Duration.ofMinutes(1)));
        assertThat(rows()).isEmpty(); // agents have yet to tell

        server.clock().skip(Agents.START_GRACE);
        server.maintenance().checkMissedRunsAt(server.now().plus(GRACE));
        assertThat(rows()).hasSize(3).containsOnly("missed");
    }

    @Test
    void hours_are_counted_in_the_time_zone_of_the_schedule() throws Exception {
        var inTokyo = new HashMap<>(NIGHTLY);
        inTokyo.put("time_zone", "Asia/Tokyo");
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + nightly, inTokyo);

        server.maintenance().checkMissedRunsAt(Instant.parse("2026-03-01T20:00:00Z"));

        assertThat(server.api().get("/api/jobs").at("/items/0/due_at")).isEqualTo("2026-03-01T17:30:00Z");
    }

    @Test
    void a_frequent_schedule_has_ten_minutes_and_its_jitter() throws Exception {
        web.addSchedule(Map.of("kind", "check", "cron", "0 3 * * *", "jitter_minutes", 30, "name", "jittered"));
        web.addSchedule(Map.of("kind", "check", "cron", "*/20 1 * * *", "name", "frequent"));
        var one = Instant.parse("2026-03-02T01:00:00Z");

        server.maintenance().checkMissedRunsAt(one.plus(Duration.ofMinutes(10)).minusSeconds(1));
        assertThat(rows()).isEmpty();
        server.maintenance().checkMissedRunsAt(one.plus(Duration.ofMinutes(10)));
        assertThat(rows()).containsExactly("missed");

        var three = Instant.parse("2026-03-02T03:00:00Z");
        server.maintenance()
                .checkMissedRunsAt(three.plus(Duration.ofMinutes(144 + 30)).minusSeconds(1));
        assertThat(server.sql("SELECT count(*) FROM jobs WHERE due_at = " + three.toEpochMilli()))
                .containsExactly("0");
        server.maintenance().checkMissedRunsAt(three.plus(Duration.ofMinutes(144 + 30)));
        assertThat(server.sql("SELECT count(*) FROM jobs WHERE due_at = " + three.toEpochMilli()))
                .containsExactly("1");
    }

    @Test
    void ten_years_of_every_minute_are_few_rows_that_reports_of_the_agent_replace() throws Exception {
        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + nightly);
        var minutely = web.addSchedule(Map.of("kind", "backup", "cron", "* * * * *", "paths", List.of("/srv")));
        var end = Instant.parse("2036-03-01T12:00:00Z");

        server.maintenance().checkMissedRunsAt(end);

        assertThat(rows()).hasSize(25).containsOnly("missed");
        var agent = web.connectInSync();
        agent.sendAndDrain(reports.finished(
                1,
                OWN,
                Optional.of(minutely),
                Optional.of(end.minus(Duration.ofDays(2))),
                JobStatus.SUCCEEDED,
                SampleReports.SNAPSHOT));
        assertThat(rows()).hasSize(25).containsOnlyOnce("succeeded"); // the row for all of them is gone

        server.maintenance().checkMissedRunsAt(end.plusSeconds(1));
        assertThat(rows()).hasSize(26).containsOnlyOnce("succeeded");
        assertThat(server.sql("SELECT error FROM jobs WHERE missed_since_at IS NOT NULL"))
                .singleElement()
                .asString()
                .contains("this stands for");
    }

    @Test
    void a_row_of_the_agents_for_many_due_times_accounts_for_each() throws Exception {
        var agent = web.connectInSync();
        agent.sendAndDrain(new ToServer.JobMissed(
                1,
                new JobId(OWN),
                JobKind.BACKUP,
                new ScheduleId(nightly),
                DUE.plus(Duration.ofDays(9)),
                Optional.of(DUE),
                "asleep"));

        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofDays(9)).plus(GRACE));

        assertThat(rows()).containsExactly("missed");
    }

    @Test
    void a_run_of_a_clock_that_was_a_year_ahead_does_not_account_for_the_time_when_it_comes() throws Exception {
        var agent = web.connectInSync();
        var future = DUE.plus(Duration.ofDays(365));
        agent.sendAndDrain(reports.finished(
                1, OWN, Optional.of(nightly), Optional.of(future), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));

        server.maintenance().checkMissedRunsAt(future.plus(GRACE));

        assertThat(server.sql("SELECT status FROM jobs WHERE due_at = " + future.toEpochMilli()))
                .containsExactlyInAnyOrder("succeeded", "missed");
    }

    @Test
    void nor_does_it_hide_a_later_report_for_that_time() throws Exception {
        var agent = web.connectInSync();
        var future = DUE.plus(Duration.ofDays(365));
        agent.sendAndDrain(reports.finished(
                1, OWN, Optional.of(nightly), Optional.of(future), JobStatus.SUCCEEDED, SampleReports.SNAPSHOT));

        agent.sendAndDrain(SampleReports.missed(
                2, Ulid.fast().toString(), JobKind.BACKUP, nightly, future, "the previous run was still running"));
        server.maintenance().checkMissedRunsAt(future.plus(GRACE));

        assertThat(server.sql("SELECT coalesce(error, '') FROM jobs WHERE due_at = " + future.toEpochMilli()))
                .containsExactlyInAnyOrder("", "the previous run was still running");
    }

    @Test
    void a_clock_of_the_servers_that_was_ahead_does_not_stop_the_watch() throws Exception {
        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofDays(365)));
        server.sql("DELETE FROM jobs");

        server.maintenance().checkMissedRunsAt(DUE.plus(GRACE));

        assertThat(rows()).containsExactly("missed");
    }

    private List<String> rows() throws Exception {
        return server.sql("SELECT status FROM jobs");
    }

    @Test
    void due_times_are_those_of_the_time_zone_that_the_host_had_then() throws Exception {
        web.connectInSync();
        server.clock().set(Instant.parse("2026-03-02T01:00:00Z"));
        connectInZone("America/New_York", Optional.empty()); // 02:30 there is at 07:30Z
        server.maintenance().checkMissedRunsAt(Instant.parse("2026-03-02T07:00:00Z"));
        assertThat(rows()).isEmpty();

        server.maintenance().checkMissedRunsAt(Instant.parse("2026-03-02T12:00:00Z"));

        assertThat(dueTimes()).containsExactly("2026-03-02T07:30:00Z");
        assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/time_zone"))
                .isEqualTo("America/New_York");
    }

    @Test
    void rows_in_a_time_zone_that_the_host_had_left_are_replaced_when_it_reports_so() throws Exception {
        web.connectInSync();
        server.maintenance().checkMissedRunsAt(Instant.parse("2026-03-04T12:00:00Z"));
        assertThat(dueTimes()).containsExactly("2026-03-02T02:30:00Z", "2026-03-03T02:30:00Z", "2026-03-04T02:30:00Z");

        connectInZone("America/New_York", Optional.of(Instant.parse("2026-03-02T12:00:00Z")));
        server.maintenance().checkMissedRunsAt(Instant.parse("2026-03-04T12:01:00Z"));

        assertThat(dueTimes()).containsExactly("2026-03-02T02:30:00Z", "2026-03-03T07:30:00Z", "2026-03-04T07:30:00Z");
    }

    private void connectInZone(String timeZone, Optional<Instant> since) throws Exception {
        var connection = server.dial();
        var hello = SampleHellos.inZone(web.hello(1, server.now()), timeZone, since);
        connection.send(
                web.sign(hello, connection.receive(ToAgent.Challenge.class).nonce()));
        connection.receive(ToAgent.ScheduleSet.class);
    }

    private List<String> dueTimes() throws Exception {
        var times = new ArrayList<String>();
        server.api()
                .get("/api/jobs?status=missed")
                .json()
                .path("items")
                .forEach(job -> times.add(0, job.path("due_at").asText()));
        return times;
    }
}
