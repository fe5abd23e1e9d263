package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times are those of whoever looks, and stay right while they look. */
class ViewerTest {

    private static final Instant LONG_AGO = TestServer.START.minus(Duration.ofDays(90));

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin,    'Sat 28 Feb 2026, 23:30:00 (Europe/Berlin)',     Sat 28 Feb",
        "Pacific/Auckland, 'Sun 1 Mar 2026, 11:30:00 (Pacific/Auckland)',   Sun 1 Mar",
        "Asia/Katmandu,    'Sun 1 Mar 2026, 04:15:00 (Asia/Katmandu)',      Sun 1 Mar", // as Chromium calls it
        "America/New_York, 'Sat 28 Feb 2026, 17:30:00 (America/New_York)',  Sat 28 Feb",
    })
    void who_comes_from_elsewhere_sees_their_own_time_from_the_first_look_on(String zone, String full, String day)
            throws Exception {
        try (var history = History.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var nightly = history.schedule(web, "nightly", "30 2 * * *", "server", LONG_AGO);
            history.backup(web, nightly, Instant.parse("2026-02-28T22:30:00Z"), JobStatus.FAILED);
        }
        var page = from(zone).open("/");

        assertThat(page.locator("html")).hasAttribute("data-zone", zone);
        assertThat(page.locator("#activity time")).hasAttribute("title", full);
        assertThat(page.locator("#activity time")).hasText("14 h ago");
        assertThat(page.locator(".strip .bad")).hasAttribute("title", day + ": failed");
    }

    /** The last Sunday of March has 23 hours in Berlin. */
    @Test
    void a_day_of_the_strip_is_a_day_of_the_viewer_also_when_clocks_change() throws Exception {
        server.now = Instant.parse("2026-03-31T10:00:00Z");
        server.sql("UPDATE sessions SET last_used_at = %1$d, expires_at = %1$d + 1000"
                .formatted(server.now.toEpochMilli()));
        try (var history = History.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var hourly = history.schedule(web, "hourly", "30 * * * *", "server", LONG_AGO);
            history.backup(
                    web, hourly, Instant.parse("2026-03-28T22:30:00Z"), JobStatus.SUCCEEDED); // 23:30 on the 28th
            history.backup(web, hourly, Instant.parse("2026-03-28T23:30:00Z"), JobStatus.FAILED); // 00:30 on the 29th
            history.backup(web, hourly, Instant.parse("2026-03-29T21:30:00Z"), JobStatus.FAILED); // 23:30 on the 29th
            history.backup(web, hourly, Instant.parse("2026-03-29T22:30:00Z"), JobStatus.PARTIAL); // 00:30 on the 30th
            history.backup(web, hourly, Instant.parse("2026-03-01T23:30:00Z"), JobStatus.FAILED); // the first day shown
            history.backup(web, hourly, Instant.parse("2026-03-01T22:30:00Z"), JobStatus.FAILED); // the day before it
        }
        var page = from("Europe/Berlin").open("/");

        assertThat(page.locator(".strip i")).hasCount(30);
        assertThat(titles(page, ".strip i"))
                .startsWith("Mon 2 Mar: failed", "Tue 3 Mar: nothing due")
                .endsWith(
                        "Sat 28 Mar: backed up",
                        "Sun 29 Mar: 2 failed",
                        "Mon 30 Mar: backed up in part",
                        "Tue 31 Mar: nothing due");
        assertThat(page.locator(".strip"))
                .hasAttribute(
                        "aria-label",
                        "Last 30 days: 2 failed (Mon 2 Mar, Sun 29 Mar), 1 backed up in part (Mon 30 Mar),"
                                + " 1 backed up, 26 nothing due");
    }

    @Test
    void what_is_due_on_a_machine_elsewhere_is_told_by_its_clock_and_by_the_viewers() throws Exception {
        var web = server.enrol("web");
        server.schedule(
                web,
                Map.of(
                        "kind",
                        "backup",
                        "cron",
                        "30 2 * * *",
                        "time_zone",
                        "Asia/Kathmandu",
                        "paths",
                        List.of("/etc")));
        var schedules = "/hosts/" + web.hostId() + "/schedules";

        var page = from("Europe/Berlin").open(schedules);
        assertThat(page.locator(".due li").first())
                .hasText(Pattern.compile("in 9 h: Mon 2 Mar, 02:30\\s+\\(Sun 1 Mar, 21:45 your time\\)"));
        assertThat(page.locator(".due time").first()).hasAttribute("title", "Sun 1 Mar 2026, 21:45:00 (Europe/Berlin)");

        var there = from("Asia/Kathmandu").open(schedules);
        assertThat(there.locator(".due li").first()).hasText(Pattern.compile("in 9 h: Mon 2 Mar, 02:30\\s*"));
    }

    /** At every step from a second to months, with the edges where the words change. */
    @Test
    void the_words_that_the_page_makes_are_those_of_the_server() throws Exception {
        var web = history(List.of(
                0, 1, 44, 45, 89, 90, 91, 149, 150, 3_569, 3_570, 3_599, 3_600, 5_399, 5_400, 86_399, 86_400, 171_000,
                172_799, 172_800, 216_000, 2_591_999, 5_000_000));
        var page = from("Europe/Berlin").tab();
        page.clock().install();
        page.clock().pauseAt(1_800_000_000_000L); // a clock that is wrong does not matter
        page.navigate(server.url() + "/hosts/" + web + "/jobs");
        var said = words(page);

        for (var later : List.of(10, 31, 44, 46, 60, 3_601, 90_000)) {
            server.now = server.now.plusSeconds(later);
            page.clock().fastForward(later * 1_000L);
            var fresh = withoutScript().open("/hosts/" + web + "/jobs");
            assertThat(words(page)).isEqualTo(words(fresh)).isNotEqualTo(said);
            fresh.close();
        }
    }

    @Test
    void what_is_to_come_is_told_in_the_same_words_too() throws Exception {
        server.now = server.now.plusSeconds(5);
        try (var history = History.in(server.directory())) {
            for (var cron :
                    List.of("1 12 * * *", "2 12 * * *", "30 13 * * *", "0 0 * * *", "0 11 4 * *", "0 0 1 1 *")) {
                history.schedule(history.host("host " + cron, LONG_AGO, LONG_AGO), "timed", cron, "server", LONG_AGO);
            }
        }
        var page = from("Europe/Berlin").tab();
        page.clock().install();
        page.clock().pauseAt(1_800_000_000_000L);
        page.navigate(server.url());
        assertThat(words(page)).contains("in 1 min", "in 2 min", "in 1 h", "in 12 h", "in 3 days", "in 305 days");

        for (var later : List.of(10, 10, 20)) {
            server.now = server.now.plusSeconds(later);
            page.clock().fastForward(later * 1_000L);
            var fresh = withoutScript().open("/");
            assertThat(words(page)).isEqualTo(words(fresh));
            fresh.close();
        }
    }

    @Test
    void a_browser_with_a_zone_that_nobody_knows_is_told_the_servers_time_and_not_reloaded_for_ever() throws Exception {
        history(List.of(60));
        var person = chromium.person();
        person.addInitScript("Intl.DateTimeFormat.prototype.resolvedOptions = () => ({timeZone: 'Mars/Olympus'})");
        var page = Visitor.signedIn(server, person).tab();
        var loads = new int[1];
        page.onDOMContentLoaded(loaded -> loads[0]++);

        page.navigate(server.url());
        assertThat(page.locator("#activity time")).hasText("1 min ago");
        page.navigate(server.url());

        assertThat(page.locator("html"))
                .hasAttribute("data-zone", java.time.ZoneId.systemDefault().getId());
        assertThat(loads[0]).isLessThanOrEqualTo(3);
    }

    /** A machine whose jobs began so many seconds ago; its id. */
    private String history(List<Integer> secondsAgo) throws Exception {
        try (var history = History.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var hourly = history.schedule(web, "hourly", "0 0 1 1 *", "server", LONG_AGO);
            for (int seconds : secondsAgo) {
                history.backup(web, hourly, server.now.minusSeconds(seconds), JobStatus.SUCCEEDED);
            }
            return web;
        }
    }

    private Visitor from(String zone) {
        return Visitor.signedIn(server, chromium.person(Chromium.options().setTimezoneId(zone)));
    }

    /** Sees what the server says, and nothing else. */
    private Visitor withoutScript() {
        return Visitor.signedIn(server, chromium.person(Chromium.options().setJavaScriptEnabled(false)));
    }

    private static List<String> words(Page page) {
        return page.locator("main time").allTextContents();
    }

    private static List<String> titles(Page page, String selector) {
        return page.locator(selector).all().stream()
                .map(element -> element.getAttribute("title"))
                .toList();
    }
}
