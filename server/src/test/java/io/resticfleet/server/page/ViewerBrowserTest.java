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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Times in the browser: in its own time zone from the first page on, and right while the page is open. */
class ViewerBrowserTest {

    private static final Instant LONG_AGO = TestServer.START.minus(Duration.ofDays(90));

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void the_first_page_is_already_in_the_time_zone_of_the_browser() throws Exception {
        try (var history = SeededHistory.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var nightly = history.schedule(web, "nightly", "30 2 * * *", "server", LONG_AGO);
            history.backup(web, nightly, Instant.parse("2026-02-28T22:30:00Z"), JobStatus.FAILED);
        }

        var page = from("Asia/Katmandu").open("/"); // as Chromium calls it

        assertThat(page.locator("html")).hasAttribute("data-zone", "Asia/Katmandu");
        assertThat(page.locator("#activity time")).hasAttribute("title", "Sun 1 Mar 2026, 04:15:00 (Asia/Katmandu)");
        assertThat(page.locator("#activity time")).hasText("14 h ago");
        assertThat(page.locator(".strip .bad")).hasAttribute("title", "Sun 1 Mar: failed");
    }

    /** At every step from a second to months, with the edges where the words change. */
    @Test
    void times_past_are_kept_up_to_date_in_the_words_of_the_server() throws Exception {
        var web = history(List.of(
                0, 1, 44, 45, 89, 90, 91, 149, 150, 3_569, 3_570, 3_599, 3_600, 5_399, 5_400, 86_399, 86_400, 171_000,
                172_799, 172_800, 216_000, 2_591_999, 5_000_000));
        var page = from("Europe/Berlin").tab();
        page.clock().install();
        page.clock().pauseAt(1_800_000_000_000L); // a clock that is wrong does not matter
        page.navigate(server.url() + "/hosts/" + web + "/jobs");
        var before = words(page);

        for (var later : List.of(10, 31, 44, 46, 60, 3_601, 90_000)) {
            server.clock().advance(Duration.ofSeconds(later));
            page.clock().fastForward(later * 1_000L);
            var fresh = PageClient.signedIn(server).open("/hosts/" + web + "/jobs");
            assertThat(words(page)).isEqualTo(fresh.texts("main time")).isNotEqualTo(before);
        }
    }

    @Test
    void times_to_come_are_kept_up_to_date_in_the_words_of_the_server() throws Exception {
        server.clock().advance(Duration.ofSeconds(5));
        try (var history = SeededHistory.in(server.directory())) {
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
            server.clock().advance(Duration.ofSeconds(later));
            page.clock().fastForward(later * 1_000L);
            var fresh = PageClient.signedIn(server).open("/");
            assertThat(words(page)).isEqualTo(fresh.texts("main time"));
        }
    }

    @Test
    void a_browser_in_an_unknown_time_zone_gets_the_servers_and_is_not_reloaded_endlessly() throws Exception {
        history(List.of(60));
        var person = chromium.context();
        person.addInitScript("Intl.DateTimeFormat.prototype.resolvedOptions = () => ({timeZone: 'Mars/Olympus'})");
        var page = BrowserSession.signedIn(server, person).tab();
        var loads = new int[1];
        page.onDOMContentLoaded(loaded -> loads[0]++);

        page.navigate(server.url());
        assertThat(page.locator("#activity time")).hasText("1 min ago");
        page.navigate(server.url());

        assertThat(page.locator("html"))
                .hasAttribute("data-zone", java.time.ZoneId.systemDefault().getId());
        assertThat(loads[0]).isLessThanOrEqualTo(3);
    }

    /** Adds a host with jobs that started so many seconds ago; its id. */
    private String history(List<Integer> secondsAgo) throws Exception {
        try (var history = SeededHistory.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var hourly = history.schedule(web, "hourly", "0 0 1 1 *", "server", LONG_AGO);
            for (int seconds : secondsAgo) {
                history.backup(web, hourly, server.now().minusSeconds(seconds), JobStatus.SUCCEEDED);
            }
            return web;
        }
    }

    private BrowserSession from(String zone) {
        return BrowserSession.signedIn(
                server, chromium.context(Chromium.options().setTimezoneId(zone)));
    }

    private static List<String> words(Page page) {
        return page.locator("main time").allTextContents().stream()
                .map(String::strip)
                .toList();
    }
}
