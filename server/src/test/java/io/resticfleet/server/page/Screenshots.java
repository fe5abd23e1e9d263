package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.ScreenshotAnimations;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.files.IndexedHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Takes a picture of every page, to {@code docs/screenshots}; run by {@code make screenshots}. */
class Screenshots {

    private static final Path FOLDER =
            Path.of("../docs/screenshots").toAbsolutePath().normalize();

    private static final int HIGHEST = 1_600;

    /** Pages name it, but the browser connects to the server itself. */
    private static final String PUBLIC_URL = "https://fleet.example.org";

    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--public-url", PUBLIC_URL));

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void of_a_fleet() throws Exception {
        var fleet = SampleFleet.on(server);
        SampleProofs.on(server);
        openRepositories();
        var page = signedIn();
        take(page, "dashboard");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        take(page, "dashboard-dark");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(390, 844);
        take(page, "dashboard-phone");
        page.setViewportSize(1280, 900);

        var nas = fleet.host("nas");
        var repository =
                "/repositories/" + server.api().get("/api/repositories").at("/items/0/id");
        for (var shot : Map.ofEntries(
                        Map.entry("machine", nas),
                        Map.entry("schedules", nas + "/schedules"),
                        Map.entry("machine-repository", nas + "/repository"),
                        Map.entry("repositories", "/repositories"),
                        Map.entry("repository", repository),
                        Map.entry("add-repository", "/repositories/new?kind=s3"),
                        Map.entry("jobs", fleet.host("mail") + "/jobs"),
                        Map.entry("machine-settings", fleet.host("web") + "/settings"),
                        Map.entry("job-running", fleet.runningJob()),
                        Map.entry("job-failed", fleet.newestJob("mail")),
                        Map.entry("job-shrunk", fleet.newestJob("media")),
                        Map.entry("activity", "/jobs"),
                        Map.entry("audit", "/audit"),
                        Map.entry("settings", "/settings"),
                        Map.entry("add-machine", "/hosts/new"))
                .entrySet()) {
            page.navigate(server.url() + shot.getValue());
            take(page, shot.getKey());
        }

        takeFiles(page);
        var alerts = SampleAlerting.on(server, fleet);
        for (var shot : Map.of(
                        "alerts", "/alerts",
                        "channels", "/channels",
                        "channel", alerts.failing(),
                        "add-channel", "/channels/new?kind=email")
                .entrySet()) {
            page.navigate(server.url() + shot.getValue());
            take(page, shot.getKey());
        }
        page.navigate(server.url() + "/alerts");
        page.setViewportSize(390, 844);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        take(page, "alerts-phone");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(1280, 900);

        fleet.answerPaths("nas");
        page.navigate(server.url() + fleet.schedule("nas"));
        assertThat(page.locator("#paths-echo")).containsText("/srv");
        take(page, "schedule");

        page.navigate(server.url() + "/hosts/new?kind=rest");
        page.getByLabel("Name", exactly()).fill("living-room-tv");
        page.getByLabel("Repository", exactly()).fill("rest:https://nas.example.org:8000/living-room-tv/");
        page.getByLabel("User name").fill("living-room-tv");
        page.getByLabel("Paths").fill("/etc\n/srv/media");
        button(page, "Create install command").click();
        assertThat(page.locator("#install-line")).isVisible();
        take(page, "install-line");

        page.navigate(server.url() + fleet.changedRepository("git"));
        take(page, "repository-pending");
        page.navigate("about:blank"); // which has no stream that the restart ends
        fleet.pauseRollout();
        page.navigate(server.url() + "/settings");
        take(page, "settings-upgrade");
    }

    private void takeFiles(Page page) throws Exception {
        var desktop = IndexedHost.desktop(server);
        var newest = "/snapshots/" + desktop.snapshot(1);
        for (var shot : Map.of(
                        "files", newest + "/files?path=/home/anna",
                        "find", "/find?q=*.tex",
                        "versions", desktop.path() + "/versions?path=/home/anna/thesis.tex",
                        "changes", newest + "/diff",
                        "restore", newest + "/restore?path=/home/anna/thesis.tex&path=/home/anna/Pictures")
                .entrySet()) {
            page.navigate(server.url() + shot.getValue());
            take(page, shot.getKey());
        }
        page.navigate(server.url() + newest + "/files?path=/home/anna");
        page.setViewportSize(390, 844);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        take(page, "files-phone");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(1280, 900);
    }

    @Test
    void of_what_comes_before() throws Exception {
        chromium.expectError("404");
        var page = signedIn();
        take(page, "dashboard-empty");
        page.navigate(server.url() + "/nowhere");
        take(page, "problem");
        var stranger = chromium.page();
        stranger.navigate(server.url());
        take(stranger, "sign-in");
        server.sql("DELETE FROM users");
        server.stop();
        server.start();
        stranger.navigate(server.url());
        take(stranger, "first-start");
    }

    /** As the jobs of weeks leave the repositories of machines that have backed up. */
    private void openRepositories() throws Exception {
        long now = server.now().toEpochMilli();
        server.sql(
                "INSERT OR IGNORE INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums)"
                        + " SELECT j.host_id, h.repository_id, max(j.finished_at), 1, count(*), ''"
                        + " FROM jobs j JOIN host_repositories h USING (host_id)"
                        + " WHERE j.kind = 'backup' AND j.status IN ('succeeded', 'partial') GROUP BY 1, 2");
        server.sql("UPDATE repositories SET status = 'ok', append_only = 'no', checked_at = " + (now - 34_200_000)
                + ", size_bytes = 41000000000 + 7 * unicode(substr(location, -1)) * 100000000, last_check_at = "
                + (now - 200_000_000) + ", last_check_ok = 1, last_check_share = 0.25, last_prune_at = "
                + (now - 300_000_000) + " WHERE id IN (SELECT repository_id FROM snapshot_lists)");
    }

    /** A tab with the dashboard. */
    private Page signedIn() {
        var context = chromium.context();
        // As behind a proxy. Browsers also send secure cookies to the machine itself without TLS.
        context.addCookies(List.of(new Cookie("__Host-rf_session", server.session())
                .setUrl(server.url().replace("http:", "https:"))
                .setSecure(true)));
        context.route(Pattern.compile(".*/(new|paths|calendar)"), route -> {
            if (route.request().method().equals("POST")) {
                var headers = new HashMap<>(route.request().allHeaders());
                headers.put("origin", PUBLIC_URL); // the page's own address is another one
                route.fulfill(new Route.FulfillOptions()
                        .setResponse(route.fetch(new Route.FetchOptions().setHeaders(headers))));
            } else {
                route.resume();
            }
        });
        return BrowserSession.signedIn(server, context).open("/");
    }

    private static void take(Page page, String name) throws Exception {
        Files.createDirectories(FOLDER);
        assertThat(page.locator("h1").first()).isVisible();
        int width = page.viewportSize().width;
        int height = (int) page.evaluate("document.documentElement.scrollHeight");
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(FOLDER.resolve(name + ".png"))
                .setFullPage(true)
                .setClip(0, 0, width, Math.min(height, HIGHEST))
                .setAnimations(ScreenshotAnimations.DISABLED));
    }

    private static Page.GetByLabelOptions exactly() {
        return new Page.GetByLabelOptions().setExact(true);
    }
}
