package io.resticfleet.server.page.schedule;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.BrowserSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The form of a schedule in the browser: previews while one types, the keyboard, and what is hidden. */
class ScheduleFormBrowserTest {

    private static final int MOST_TABS = 60;

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private BrowserSession anna;
    private EnrolledAgent web;

    @BeforeEach
    void signIn() throws Exception {
        anna = BrowserSession.signedIn(server, chromium.context());
        web = server.enrol("web");
    }

    @Test
    void manual_is_the_first_choice_and_hides_the_fields_about_time() throws Exception {
        var page = open("/new?kind=backup");
        assertThat(page.locator("#when label").first()).containsText("Manual schedule");
        page.getByLabel("Paths").fill("/srv");
        page.getByLabel("Time zone").fill("Nowhere/At all");

        page.getByLabel("Manual schedule").check();
        assertThat(page.getByLabel("Cron expression")).isHidden();
        assertThat(page.getByLabel("Time zone")).isHidden();
        button(page, "Save").click();
        assertThat(page.locator(".schedule .when")).hasText("— run-now only —");
        assertThat(only().path("manual").asBoolean()).isTrue();
        assertThat(only().path("cron").isNull()).isTrue();

        link(page, "Edit nightly").click();
        assertThat(page.getByLabel("Cron expression")).isHidden();
        page.getByLabel("Manual schedule").uncheck();
        assertThat(page.locator("#when-echo")).containsText("Type a cron expression, or choose one above.");
        button(page, "Sundays").click();
        assertThat(page.locator("#when-echo")).containsText("Runs every Sunday at 04:00");
        button(page, "Save").click();
        assertThat(page.locator(".schedule .when strong")).hasText("every Sunday at 04:00");
    }

    @Test
    void a_cron_expression_is_shown_in_words_while_one_types() {
        var page = open("/new?kind=backup");
        var echo = page.locator("#when-echo");
        assertThat(echo).containsText("Runs every day at 02:30, time zone UTC");

        page.getByLabel("Cron expression").fill("0 3 * * *");
        assertThat(echo.locator("li")).hasText(new String[] {
            "in 15 h: Mon 2 Mar, 03:00 (Mon 2 Mar, 04:00 your time)",
            "in 39 h: Tue 3 Mar, 03:00 (Tue 3 Mar, 04:00 your time)",
            "in 3 days: Wed 4 Mar, 03:00 (Wed 4 Mar, 04:00 your time)"
        });

        page.getByLabel("Cron expression").fill("");
        page.getByLabel("Cron expression").pressSequentially("*/15 8-17 * * mon-fri");
        assertThat(echo).containsText("Monday to Friday, every 15 minutes");
        page.getByLabel("Time zone").fill("Asia/Tokyo");
        assertThat(echo).containsText("time zone Asia/Tokyo");
        assertThat(echo.locator("li").first()).hasText("in 11 h: Mon 2 Mar, 08:00 (Mon 2 Mar, 00:00 your time)");

        page.getByLabel("Time zone").fill("Europe/Nowhere");
        assertThat(echo.locator(".wrong")).hasText("there is no time zone 'Europe/Nowhere'");
        page.getByLabel("Time zone").fill("");
        page.getByLabel("Cron expression").fill("0 25 * * *");
        assertThat(echo.locator(".wrong")).containsText("25");
        page.getByLabel("Cron expression").fill("0 0 30 2 *");
        assertThat(echo.locator(".wrong")).isVisible();

        for (var preset : Map.of(
                        "Every night", "every day at 02:30",
                        "Hourly", "every hour",
                        "Weekdays at 20:00", "Monday to Friday at 20:00",
                        "Monthly", "on the 1st of every month at 04:00")
                .entrySet()) {
            button(page, preset.getKey()).click();
            assertThat(echo).containsText("Runs " + preset.getValue());
        }
    }

    @Test
    void a_retention_policy_is_shown_in_words_while_one_types() {
        var page = open("/new?kind=forget");
        var echo = page.locator("#retention-echo");
        assertThat(echo).hasText("keeps 14 daily, 8 weekly and 12 monthly");

        page.getByLabel("Keep weekly").fill("");
        page.getByLabel("Keep monthly").fill("");
        page.getByLabel("All within").fill("1y6m");
        assertThat(echo).containsText("1 year and 6 months");
        page.getByLabel("Keep daily").fill("many");
        assertThat(echo).hasText("this must be a whole number but is 'many'");
    }

    @Test
    void a_double_click_on_save_saves_once() throws Exception {
        var page = open("/new?kind=check");

        button(page, "Save").dblclick();

        assertThat(page).hasURL(server.url() + path(""));
        assertThat(only().path("name").asText()).isEqualTo("check");
    }

    @Test
    void the_keyboard_alone_is_enough() throws Exception {
        var page = open("");
        page.keyboard().press("Tab");
        assertThat(link(page, "Skip to the content")).isFocused();
        page.keyboard().press("Enter");
        press(page, link(page, "Add a backup schedule"), "Enter");
        assertThat(page.getByText("New backup schedule")).isVisible();

        press(page, page.getByLabel("Manual schedule"), "Space");
        press(page, page.getByLabel("Manual schedule"), "Space");
        press(page, page.getByLabel("Cron expression"), "Control+a");
        page.keyboard().type("15 3 * * *");
        press(page, button(page, "Hourly"), "Enter");
        assertThat(page.getByLabel("Cron expression")).isFocused();
        assertThat(page.getByLabel("Cron expression")).hasValue("0 * * * *");
        press(page, page.getByLabel("Paths"), "/");
        page.keyboard().type("srv");
        press(page, page.getByLabel("Tags"), "Enter");

        assertThat(page).hasURL(server.url() + path(""));
        assertThat(only().path("cron").asText()).isEqualTo("0 * * * *");
        assertThat(only().path("paths").toString()).isEqualTo("[\"/srv\"]");
    }

    private static void press(Page page, Locator target, String key) {
        for (int i = 0; i < MOST_TABS && !(boolean) target.evaluate("it => it === document.activeElement"); i++) {
            page.keyboard().press("Tab");
        }
        assertThat(target).isFocused();
        page.keyboard().press(key);
    }

    private Page open(String path) {
        return anna.open(path(path));
    }

    private String path(String more) {
        return "/hosts/" + web.hostId() + "/schedules" + more;
    }

    private List<JsonNode> schedules() throws Exception {
        var all = new ArrayList<JsonNode>();
        server.api()
                .get("/api/hosts/" + web.hostId() + "/schedules")
                .json()
                .path("schedules")
                .forEach(all::add);
        return all;
    }

    private JsonNode only() throws Exception {
        assertThat(schedules()).hasSize(1);
        return schedules().get(0);
    }
}
