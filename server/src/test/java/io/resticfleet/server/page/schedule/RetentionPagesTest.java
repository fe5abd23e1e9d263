package io.resticfleet.server.page.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator sees and decides of retention. */
class RetentionPagesTest {

    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private PageClient anna;
    private EnrolledAgent web;
    private String repository;
    private String schedule;

    @BeforeEach
    void enrol() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
        repository = server.api().get("/api/repositories").at("/items/0/id");
        schedule = web.addSchedule(Map.of(
                "kind", "backup",
                "name", "nightly",
                "cron", "30 2 * * *",
                "paths", List.of("/etc"),
                "retention", Map.of("keep_daily", 2)));
        server.sql("UPDATE retention_terms SET from_at = from_at - 8640000000");
    }

    @Test
    void what_waits_goes_on_only_after_somebody_has_looked_at_what_goes() throws Exception {
        for (int i = 0; i < 8; i++) {
            seen(i, "'adopted'");
        }

        var page = open();

        assertThat(page.text("main")).contains("Of its 8 snapshots, 5 go", "more than a quarter");
        assertThat(page.texts("#all tbody tr"))
                .hasSize(8)
                .first()
                .asString()
                .contains("stays: ", "daily snapshot", "adopted");
        assertThat(anna.open("/").text("#problems")).contains("Retention of nightly on web", "more than a quarter");
        assertThat(anna.open(host() + "/schedules").text(".schedule")).contains("No snapshots are removed now");
        assertThat(anna.open("/repositories/" + repository + "/retention").text("tbody tr"))
                .contains("nightly on web", "8", "Nothing is removed now");
        assertThat(page.press("Let it go on").status()).isEqualTo(400);
        var released =
                page.form("Let it go on").check("I have looked at what goes").submit();
        assertThat(released.select("#held")).isEmpty();
        assertThat(anna.open("/").only("#problems").hasAttr("hidden")).isTrue();
    }

    @Test
    void what_is_not_proven_is_confirmed_and_what_does_not_count_is_adopted() throws Exception {
        seen(1, "'live'");
        seen(2, "'unproven'");
        seen(3, "NULL");

        var page = open();

        assertThat(page.text("#unproven")).contains("1 snapshot is not proven", id(2).substring(0, 8));
        assertThat(page.text("#uncounted"))
                .contains("1 snapshot does not count", "its own time does not match its run", id(3).substring(0, 8));
        assertThat(anna.open(host() + "/schedules").text(".schedule"))
                .contains("Retention: 1 not proven, 1 that do not count");
        page = page.press("Confirm the chosen ones").press("Let the chosen ones count");
        assertThat(page.select("#unproven, #uncounted")).isEmpty();
        assertThat(server.sql("SELECT trust FROM retention_snapshots ORDER BY snapshot_id"))
                .containsExactly("live", "confirmed", "adopted");
    }

    @Test
    void snapshots_without_a_schedule_are_adopted_from_the_repository_by_machine_and_paths() throws Exception {
        web.connectInSync().sendAndDrain(reports.snapshots(1, server.now(), id(1), id(2)));
        server.sql("UPDATE retention_snapshots SET named_id = NULL");
        var page = anna.open("/repositories/" + repository + "/retention");
        assertThat(page.text("#foreign")).contains("web", "2 snapshots, from");

        var form = page.form("Let the chosen ones count");
        form.uncheck("Snapshot " + id(2).substring(0, 8));
        page = form.select("Count for", schedule).submit();

        assertThat(page.text("#foreign")).contains("1 snapshot, from");
        assertThat(server.sql("SELECT trust FROM retention_snapshots WHERE schedule_id = '" + schedule + "'"))
                .containsExactly("adopted");
    }

    @Test
    void a_machine_is_not_trusted_from_a_moment_on_until_it_is_trusted_again() throws Exception {
        var form =
                anna.open(host() + "/settings").form("Stop trusting it").fill("Not trusted since", "2026-02-27T08:00");
        assertThat(form.submit().status()).isEqualTo(400);

        var page = form.check("Nothing that it has made since then counts").submit();

        assertThat(server.sql("SELECT since_at FROM retention_distrust"))
                .containsExactly(
                        String.valueOf(Instant.parse("2026-02-27T07:00:00Z").toEpochMilli())); // anna is in Berlin
        assertThat(page.text("main")).contains("Not trusted since Fri 27 Feb, 08:00");
        assertThat(anna.open("/").text("#problems")).contains("web: not trusted");
        assertThat(open().text("main > .banner")).contains("Not trusted since");
        page = page.form("Trust it again")
                .check("It is in the hands of its owner")
                .submit();
        assertThat(page.text("main")).doesNotContain("Not trusted since Fri");
    }

    private HtmlPage open() throws Exception {
        return anna.open(host() + "/schedules/" + schedule + "/retention");
    }

    private String host() {
        return "/hosts/" + web.hostId();
    }

    private static String id(int number) {
        return String.format("%064x", 0x1000_0000_0000L + number).replaceFirst("^0{8}", "abcdef0" + number);
    }

    /** A snapshot of the schedule, made {@code day} days before the last week. */
    private void seen(int day, String trust) throws Exception {
        long at = server.now().minus(DAY.multipliedBy(20 + day)).toEpochMilli();
        boolean counts = !trust.equals("NULL");
        server.sql("INSERT INTO retention_snapshots (repository_id, snapshot_id, first_seen_at, time_at, tags_json,"
                + " named_id, schedule_id, trust, slot_at, status, reason) VALUES ('" + repository + "', '" + id(day)
                + "', " + at + ", " + at + ", '[]', '" + schedule + "', "
                + (counts ? "'" + schedule + "'" : "NULL") + ", " + trust + ", " + (counts ? at : "NULL")
                + ", 'succeeded', " + (counts ? "NULL" : "'TIME'") + ")");
    }
}
