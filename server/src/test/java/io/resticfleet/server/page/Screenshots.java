package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotAnimations;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Takes a picture of every page, to {@code docs/screenshots}; run by {@code make screenshots}. */
class Screenshots {

    private static final Path FOLDER =
            Path.of("../docs/screenshots").toAbsolutePath().normalize();

    private static final int HIGHEST = 1_600;

    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--public-url", "https://fleet.example.org"));

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void of_a_fleet() throws Exception {
        var fleet = SampleFleet.on(server);
        var page = BrowserSession.signedIn(server, chromium.context()).open("/");
        take(page, "dashboard");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        take(page, "dashboard-dark");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(390, 844);
        take(page, "dashboard-phone");
        page.setViewportSize(1280, 900);

        var nas = fleet.host("nas");
        for (var shot : Map.ofEntries(
                        Map.entry("machine", nas),
                        Map.entry("schedules", nas + "/schedules"),
                        Map.entry("schedule", fleet.schedule("nas")),
                        Map.entry("repository", nas + "/repository"),
                        Map.entry("jobs", fleet.host("mail") + "/jobs"),
                        Map.entry("machine-settings", nas + "/settings"),
                        Map.entry("job-running", fleet.runningJob()),
                        Map.entry("job-failed", fleet.newestJob("mail")),
                        Map.entry("activity", "/jobs"),
                        Map.entry("audit", "/audit"),
                        Map.entry("settings", "/settings"),
                        Map.entry("add-machine", "/hosts/new"))
                .entrySet()) {
            page.navigate(server.url() + shot.getValue());
            take(page, shot.getKey());
        }

        page.navigate(server.url() + "/hosts/new");
        page.getByLabel("Name", exactly()).fill("living-room-tv");
        page.getByLabel("Repository", exactly()).fill("rest:https://nas.example.org:8000/living-room-tv/");
        page.getByLabel("User name").fill("living-room-tv");
        page.getByLabel("Paths").fill("/etc\n/srv/media");
        button(page, "Create install command").click();
        assertThat(page.locator("#install-line")).isVisible();
        take(page, "install-line");
    }

    @Test
    void of_what_comes_before() throws Exception {
        chromium.expectError("404");
        var page = BrowserSession.signedIn(server, chromium.context()).open("/");
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
