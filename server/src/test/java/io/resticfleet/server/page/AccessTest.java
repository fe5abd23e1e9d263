package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.hide;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ReducedMotion;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.files.IndexedHost;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Everybody can use every page: by keyboard, by ear, on a telephone, in the dark, and without motion. */
class AccessTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    /** All that is wrong with a page is to be seen at once. */
    private final SoftAssertions wrong = new SoftAssertions();

    private BrowserSession anna;

    @BeforeEach
    void signIn() {
        anna = BrowserSession.signedIn(server, chromium.context());
    }

    /** With its alerts, which would change the pages while they are looked at. */
    private SampleFleet fleet() throws Exception {
        var fleet = SampleFleet.on(server);
        server.maintenance().checkAlerts();
        return fleet;
    }

    @AfterEach
    void tellWhatIsWrong() {
        wrong.assertAll();
    }

    @Test
    void nothing_is_wrong_with_any_page_of_a_fleet() throws Exception {
        var fleet = fleet();
        var nas = fleet.host("nas");
        var repository =
                "/repositories/" + server.api().get("/api/repositories").at("/items/0/id");
        check(
                "/repositories",
                "/repositories/new?kind=swift",
                repository,
                repository + "/settings",
                repository + "/maintainer",
                nas + "/repositories" + repository.substring("/repositories".length()) + "/credentials",
                "/",
                "/?q=nobody",
                nas,
                nas + "/schedules",
                nas + "/repository",
                nas + "/jobs",
                nas + "/settings",
                fleet.schedule("nas"),
                fleet.host("web"),
                fleet.host("mail"),
                fleet.host("office-pc"),
                fleet.host("laptop-anna"),
                fleet.runningJob(),
                fleet.newestJob("mail"),
                fleet.newestJob("media"),
                fleet.newestJob("laptop-anna"),
                "/jobs",
                "/jobs?kind=prune",
                "/audit",
                "/audit?host=" + nas.replaceAll(".*/", ""),
                "/settings");
    }

    @Test
    void nothing_is_wrong_with_the_pages_on_which_files_are_found_and_restored() throws Exception {
        var desktop = IndexedHost.desktop(server);
        var newest = "/snapshots/" + desktop.snapshot(1);
        check(
                newest + "/files?path=/home/anna",
                newest + "/diff",
                newest + "/restore",
                newest + "/restore?path=/home/anna/thesis.tex",
                "/find",
                "/find?q=*.tex",
                desktop.path() + "/files?q=nothing",
                desktop.path() + "/versions?path=/home/anna/thesis.tex");
        var page = anna.open(newest + "/files?path=/home/anna");
        assertThat(TabOrder.walk(page)).isEqualTo(TabOrder.usable(page));
        page.navigate(server.url() + newest + "/restore?path=/home/anna/thesis.tex");
        page.getByLabel("Where they were").check();
        check(page, "a restore in place");
    }

    @Test
    void nothing_is_wrong_with_the_pages_by_which_people_are_told() throws Exception {
        chromium.expectError("400");
        var web = NightlyHost.connect(server, "web");
        web.runBackup(JobStatus.PARTIAL);
        server.maintenance().checkAlerts();
        var host = "/api" + web.path();
        server.api().post(host + "/pause", Map.of("reason", "new disks"));
        server.api().post(host + "/silence", "");
        var body = Map.of("name", "me", "kind", "ntfy", "config", Map.of("url", "http://127.0.0.1:9", "topic", "x"));
        var channel = "/channels/" + server.api().post("/api/channels", body).at("/id");
        var alert = "/alerts/" + server.api().get("/api/alerts").at("/items/0/id");
        check(
                "/alerts",
                alert,
                web.path(),
                web.path() + "/settings",
                "/channels",
                channel,
                "/channels/new",
                "/channels/new?kind=webhook",
                "/channels/new?kind=healthchecks");
        var page = anna.open(channel);
        button(page, "Send a test").click();
        assertThat(page.locator("#test-result .banner")).isVisible();
        check(page, "a test that failed");
        page.reload();
        assertThat(TabOrder.walk(page)).isEqualTo(TabOrder.usable(page));
        page.navigate(server.url() + "/channels/new?kind=email");
        button(page, "Add channel").click();
        assertThat(page.locator(".wrong").first()).isVisible();
        check(page, "a channel that is refused");
    }

    @Test
    void nothing_is_wrong_with_pages_that_are_empty_yet() throws Exception {
        check("/", "/jobs", "/settings", "/hosts/new", "/repositories", "/hosts/new?kind=gs");
        var web = "/hosts/" + server.enrol("web").hostId();
        check(
                web,
                web + "/schedules",
                web + "/repository",
                web + "/jobs",
                web + "/schedules/new?kind=backup",
                web + "/schedules/new?kind=forget",
                web + "/schedules/new?kind=check");
    }

    @Test
    void nothing_is_wrong_with_what_refuses() throws Exception {
        chromium.expectError("400");
        chromium.expectError("401");
        chromium.expectError("404");
        var web = "/hosts/" + server.enrol("web").hostId();
        var page = anna.open(web + "/schedules/new?kind=backup");
        page.getByLabel("Cron expression").fill("every night");
        button(page, "Save").click();
        assertThat(page.locator("[role=alert]")).isVisible();
        check(page, "a schedule that is refused");

        page.navigate(server.url() + web + "/repository");
        page.getByLabel("Repository", new Page.GetByLabelOptions().setExact(true))
                .fill("ftp://nowhere");
        button(page, "Save").click();
        assertThat(page.locator(".wrong")).isVisible();
        check(page, "a repository that is refused");

        page.navigate(server.url() + "/hosts/new?kind=rest");
        button(page, "Create install command").click();
        assertThat(page.locator(".wrong").first()).isVisible();
        check(page, "a machine that is refused");

        page.navigate(server.url() + web + "/settings");
        button(page, "Delete this machine").click();
        assertThat(page.locator(".wrong")).isVisible();
        check(page, "a delete without its confirmation");

        page.navigate(server.url() + "/settings");
        button(page, "Change password").click();
        assertThat(page.locator(".wrong").first()).isVisible();
        check(page, "a password that is refused");

        page.navigate(server.url() + "/nowhere");
        check(page, "no page");
        page.navigate(server.url() + "/jobs/nothing");
        check(page, "no job");
    }

    @Test
    void nothing_is_wrong_at_the_door() throws Exception {
        chromium.expectError("401");
        var page = chromium.page();
        page.navigate(server.url());
        assertThat(page.locator("h1")).hasText("Sign in");
        check(page, "the door");
        page.getByLabel("User name").fill("anna");
        page.getByLabel("Password").fill("wrong");
        button(page, "Sign in").click();
        assertThat(page.locator("[role=alert]")).isVisible();
        check(page, "the door, closed");

        server.sql("DELETE FROM users");
        server.stop();
        server.start();
        page.navigate(server.url());
        assertThat(page.locator("h1")).hasText("Welcome to restic-fleet");
        check(page, "the first start");
        page.getByLabel("Bootstrap token").fill("no such token");
        page.getByLabel("User name").fill("anna");
        page.locator("#password").fill("correct horse");
        page.locator("#again").fill("correct horse");
        button(page, "Create user").click();
        assertThat(page.locator(".wrong")).isVisible();
        check(page, "the first start, refused");
    }

    @Test
    void nothing_is_wrong_with_what_opens_and_turns_up() throws Exception {
        chromium.expectError("409");
        var fleet = fleet();
        var page = anna.open("/");
        button(page, "Run the backup of nas now").click();
        assertThat(page.locator(".toast.ok")).isVisible();
        hide(page, true);
        fleet.disconnect("db");
        button(page, "Run the backup of db now").click();
        assertThat(page.locator(".toast.bad")).isVisible();
        page.getByText("Get this with curl").click();
        check(page, "toasts");

        page.navigate(server.url() + fleet.schedule("nas"));
        page.getByText("Delete this schedule").click();
        page.getByText("Hooks", new Page.GetByTextOptions().setExact(true)).click();
        page.getByLabel("Manual schedule").check();
        check(page, "a schedule with all of it open");

        page.navigate(server.url() + fleet.host("nas") + "/repository");
        page.getByText("Show as a table").click();
        check(page, "a chart and its table");

        page.navigate(server.url() + fleet.host("nas"));
        page.getByText("Restore without this server").click();
        check(page, "how to get files back");

        page.navigate(server.url() + "/hosts/new?kind=rest");
        page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("tv");
        page.getByLabel("Repository", new Page.GetByLabelOptions().setExact(true))
                .fill("/mnt/backup");
        button(page, "Create install command").click();
        assertThat(page.locator("#install-line")).isVisible();
        check(page, "an install command");

        page.navigate(server.url() + "/settings");
        page.getByLabel("New token").fill("ansible");
        button(page, "Create token").click();
        assertThat(page.locator("#minted")).isVisible();
        check(page, "a token");
    }

    @Test
    void all_that_can_be_used_is_reached_by_the_keyboard_and_seen_where_one_is() throws Exception {
        var fleet = fleet();
        var page = anna.open("/");
        for (var path : List.of(
                "/",
                fleet.host("nas"),
                fleet.host("nas") + "/schedules",
                fleet.schedule("nas"),
                fleet.host("nas") + "/settings",
                fleet.newestJob("mail"),
                "/jobs",
                "/hosts/new",
                "/settings")) {
            page.navigate(server.url() + path);
            assertThat(TabOrder.walk(page)).as(path).isEqualTo(TabOrder.usable(page));
        }
    }

    @Test
    void the_first_key_skips_what_is_on_every_page() throws Exception {
        fleet();
        var page = anna.open("/");

        page.keyboard().press("Tab");
        assertThat(link(page, "Skip to the content")).isFocused();
        assertThat(link(page, "Skip to the content")).isInViewport();
        page.keyboard().press("Enter");
        assertThat(page.locator("#main")).isFocused();
        page.keyboard().press("Tab");
        assertThat(link(page, "Show the alert")).isFocused();
    }

    @Test
    void a_backup_is_started_and_stopped_without_a_mouse() throws Exception {
        var web = NightlyHost.connect(server, "web");
        var page = anna.open("/");

        button(page, "Run the backup of web now").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator(".toast")).containsText("Started: ");
        link(page, "Show job").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).hasText("Backup nightly");
        button(page, "Cancel").focus();
        page.keyboard().press(" ");
        assertThat(page.locator(".toast")).containsText("Cancel requested.");
        assertThat(web.agent().receive(ToAgent.CommandCancel.class).jobId().value())
                .isEqualTo(page.url().replaceAll(".*/", ""));
    }

    @Test
    void the_focus_stays_while_one_of_two_invalid_fields_is_corrected() throws Exception {
        chromium.expectError("400");
        var page = anna.open("/hosts/" + server.enrol("web").hostId() + "/schedules/new?kind=backup");
        page.getByLabel("Cron expression").fill("every night");
        page.getByLabel("Time zone").fill("Mars");
        button(page, "Save").click();
        assertThat(page.getByLabel("Cron expression")).isFocused();

        page.getByLabel("Time zone").focus();
        page.keyboard().press("End");
        page.keyboard().type("/Olympus");
        assertThat(page.locator("#when-echo")).containsText("Mars/Olympus"); // what the server makes of it
        page.keyboard().type("!");

        assertThat(page.getByLabel("Time zone")).hasValue("Mars/Olympus!");
    }

    @Test
    void nothing_moves_for_those_who_want_it_so() throws Exception {
        var fleet = fleet();
        var page = anna.open(fleet.runningJob());
        assertThat(page.locator(".figures")).isVisible();
        assertThat((int) page.evaluate("document.getAnimations().length")).isPositive();

        page.emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.REDUCE));

        assertThat((int) page.evaluate("document.getAnimations().length")).isZero();
        assertThat(
                        page.evaluate(
                                "() => [...document.querySelectorAll('*')].flatMap(e => [null, '::before', '::-webkit-progress-value']"
                                        + ".map(p => getComputedStyle(e, p)))"
                                        + ".filter(s => s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0).length"))
                .isEqualTo(0);
        assertThat(page.evaluate(MOVING_RULES)).isEqualTo(List.of());
    }

    /** Rules of the style sheet that move something whatever one wants. */
    private static final String MOVING_RULES = """
            () => {
                const moving = rules => [...rules].flatMap(rule =>
                    rule.media?.mediaText.includes('prefers-reduced-motion') ? []
                    : rule.cssRules?.length ? moving(rule.cssRules)
                    : rule.style && (rule.style.transition || rule.style.animation) ? [rule.selectorText] : []);
                return [...document.styleSheets].flatMap(sheet => moving(sheet.cssRules));
            }
            """;

    private void check(String... paths) throws Exception {
        var page = anna.open(paths[0]);
        for (var path : paths) {
            page.navigate(server.url() + path);
            check(page, path);
        }
        page.close();
    }

    private void check(Page page, String what) {
        new AccessCheck(wrong).check(page, what);
    }
}
