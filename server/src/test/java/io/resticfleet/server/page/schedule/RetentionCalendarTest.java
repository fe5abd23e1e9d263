package io.resticfleet.server.page.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.PageClient;
import io.resticfleet.server.retention.RetentionPreview;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The calendar of the schedule form: which snapshots a policy keeps. */
class RetentionCalendarTest {

    private static final ScheduleId SCHEDULE = new ScheduleId(SampleReports.id(1));
    private static final Instant NEWEST = Instant.parse("2026-03-01T23:30:00Z");

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void days_are_those_of_the_schedules_zone_with_what_stays_and_goes() {
        var calendar = RetentionCalendar.of(
                new RetentionPreview(List.of(kept(0)), List.of(removed(1), removed(24 * 30)), Optional.empty()),
                ZoneId.of("Europe/Berlin"),
                RetentionCalendar.Of.SCHEDULE);

        assertThat(calendar.months())
                .extracting(RetentionCalendar.Month::name)
                .containsExactly("March 2026", "January 2026");
        var firstWeek = calendar.months().get(0).weeks().get(0);
        assertThat(firstWeek).hasSize(7).last().isEqualTo(new RetentionCalendar.Day(1, 0, 1));
        assertThat(calendar.months().get(0).weeks().get(1).get(0).words()).isEqualTo("1 stays");
        assertThat(calendar.lines().get(0).reasons()).containsExactly("daily snapshot");
    }

    @Test
    void ten_thousand_snapshots_are_a_page_of_bounded_size() {
        var removed =
                IntStream.range(1, 10_000).mapToObj(hour -> removed(hour * 24)).toList();

        var calendar = RetentionCalendar.of(
                new RetentionPreview(List.of(kept(0)), removed, Optional.empty()),
                ZoneId.of("UTC"),
                RetentionCalendar.Of.SCHEDULE);

        assertThat(calendar.months()).hasSize(24);
        assertThat(calendar.lines()).hasSize(100);
        assertThat(calendar.go()).isEqualTo(9_999);
        assertThat(calendar.older().go()).isGreaterThan(9_000);
    }

    @Test
    void the_form_shows_the_calendar_of_what_was_typed_and_saves_nothing() throws Exception {
        EnrolledAgent web = server.enrol("web");
        var id = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        agent.sendAndDrain(new SampleReports(server).snapshots(1, server.now(), SampleReports.SNAPSHOT));
        var form = PageClient.signedIn(server)
                .open("/hosts/" + web.hostId() + "/schedules/" + id)
                .form("Which snapshots stay");

        assertThat(form.fill("Keep daily", "x").submitWithoutScripts().text("#calendar"))
                .contains("must be a whole number");
        assertThat(form.fill("Keep daily", "7").submitWithoutScripts().text("main"))
                .contains("Which snapshots stay", "Nothing is saved yet");
        assertThat(server.api()
                        .get("/api/hosts/" + web.hostId() + "/schedules/" + id)
                        .at("/retention/keep_daily"))
                .isEqualTo("0");
    }

    @Test
    void a_new_backup_shows_what_would_be_there_and_a_forget_what_it_would_remove() throws Exception {
        var web = server.enrol("web");
        web.addSchedule(Samples.NIGHTLY);
        var anna = PageClient.signedIn(server);
        var fresh = "/hosts/" + web.hostId() + "/schedules/new?kind=";

        var backup = anna.open(fresh + "backup").form("Which snapshots stay").fill("Keep daily", "20");
        assertThat(backup.fill("Cron expression", "0 4 * * *")
                        .submitWithoutScripts()
                        .text("#calendar"))
                .contains("Had it run for 732 days, of its 732 snapshots", "would be there now", "daily snapshot");
        assertThat(backup.fill("Cron expression", "x").submitWithoutScripts().status())
                .isEqualTo(200);
        var forget = anna.open(fresh + "forget").form("Which snapshots stay").fill("Keep daily", "2");
        assertThat(forget.submitWithoutScripts().text("#calendar")).contains("no snapshots that were listed yet");
        server.sql("INSERT INTO retention_snapshots (repository_id, snapshot_id, first_seen_at, time_at, tags_json,"
                + " schedule_id, trust, slot_at, status) SELECT r.id, 'abc' || n, n * 86400000, n * 86400000, '[]', s.id,"
                + " 'live', n * 86400000, 'succeeded' FROM repositories r, schedules s, (SELECT 1 n UNION SELECT 2 UNION"
                + " SELECT 3 UNION SELECT 4 UNION SELECT 5)");
        assertThat(forget.submitWithoutScripts().text("#calendar"))
                .contains("Of the 5 snapshots of this machine’s backup schedules, 4 stay and 1 goes");
    }

    private static RetentionPreview.Kept kept(int hoursBefore) {
        return new RetentionPreview.Kept(
                "a".repeat(64), List.of("daily snapshot"), SCHEDULE, at(hoursBefore), Optional.of("live"));
    }

    private static RetentionPreview.Removed removed(int hoursBefore) {
        return new RetentionPreview.Removed("b".repeat(64), SCHEDULE, at(hoursBefore));
    }

    private static Instant at(int hoursBefore) {
        return NEWEST.minus(Duration.ofHours(hoursBefore));
    }
}
