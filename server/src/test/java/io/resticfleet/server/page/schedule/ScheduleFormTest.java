package io.resticfleet.server.page.schedule;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.Visitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Making and changing schedules in the form. */
class ScheduleFormTest {

    private static final int MOST_TABS = 60;

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private Visitor anna;
    private FakeMachine web;

    @BeforeEach
    void signIn() throws Exception {
        anna = Visitor.signedIn(server, chromium.person());
        web = server.enrol("web");
    }

    @Test
    void a_backup_is_saved_with_all_that_was_typed_and_shown_so_again() throws Exception {
        var agent = server.connectQuietly(web);
        var page = open("/new?kind=backup");
        page.getByLabel("Name").fill("etc & co");
        page.getByLabel("Cron expression").fill("0 */6 * * 1-5");
        page.getByLabel("Time zone").fill("Europe/London");
        page.getByLabel("If the machine was off").fill("within:6h");
        page.getByLabel("Start jitter").fill("15");
        page.getByLabel("Paths").fill("/etc\n\n  /srv/a b\n");
        page.getByLabel("Excludes").fill("*.tmp\n!important.tmp\n/home/*/.cache");
        page.getByLabel("Tags").fill("front, nightly ,");
        page.getByLabel("Keep daily").fill("14");
        page.getByLabel("All within").fill("30d");
        page.getByLabel("Stay in one file system").check();
        page.getByLabel("Exclude cache directories").uncheck();
        page.getByLabel("Upload limit").fill("512");
        page.getByText("Hooks", new Page.GetByTextOptions().setExact(true)).click();
        page.getByLabel("Before").fill("\nset -e\n  systemctl stop app # \"quoted\"\n");
        button(page, "Save").click();
        assertThat(page).hasURL(server.url() + path(""));

        var saved = only();
        assertThat(agent.hears(ToAgent.ScheduleSet.class).schedules())
                .extracting("id")
                .containsExactly(saved.path("id").asText());
        assertThat(without(saved, "id"))
                .isEqualTo("{\"kind\":\"backup\",\"name\":\"etc & co\",\"enabled\":true,\"manual\":false,"
                        + "\"cron\":\"0 */6 * * 1-5\",\"time_zone\":\"Europe/London\",\"paths\":[\"/etc\",\"/srv/a b\"],"
                        + "\"excludes\":[\"*.tmp\",\"!important.tmp\",\"/home/*/.cache\"],\"tags\":[\"front\",\"nightly\"],"
                        + "\"retention\":{\"keep_last\":0,\"keep_hourly\":0,\"keep_daily\":14,\"keep_weekly\":0,"
                        + "\"keep_monthly\":0,\"keep_yearly\":0,\"keep_within\":\"30d\"},"
                        + "\"options\":{\"one_file_system\":true,\"exclude_caches\":false,\"limit_upload_kib\":512},"
                        + "\"hooks\":{\"pre\":\"set -e\\n  systemctl stop app # \\\"quoted\\\"\",\"post\":null},"
                        + "\"catch_up\":\"within:6h\",\"jitter_minutes\":15}");

        link(page, "Edit etc & co").click();
        assertThat(page.getByLabel("Paths")).hasValue("/etc\n/srv/a b");
        assertThat(page.getByLabel("Excludes")).hasValue("*.tmp\n!important.tmp\n/home/*/.cache");
        assertThat(page.getByLabel("Tags")).hasValue("front, nightly");
        assertThat(page.getByLabel("Before")).hasValue("set -e\n  systemctl stop app # \"quoted\"");
        assertThat(page.getByLabel("Keep weekly")).hasValue("");
        assertThat(page.getByLabel("Enabled")).isChecked();
        button(page, "Save").click();
        assertThat(page).hasURL(server.url() + path(""));
        assertThat(page.locator(".toast")).containsText("Saved.");
        assertThat(only()).as("saved without a change").isEqualTo(saved);
    }

    @Test
    void the_manual_box_at_the_top_of_when_hides_what_has_to_do_with_time() throws Exception {
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
    void what_a_cron_expression_means_is_said_while_one_types() {
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
    void what_a_retention_policy_keeps_is_said_while_one_types() {
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
    void a_button_that_is_pressed_twice_saves_once() throws Exception {
        var page = open("/new?kind=check");

        button(page, "Save").dblclick();

        assertThat(page).hasURL(server.url() + path(""));
        assertThat(only().path("name").asText()).isEqualTo("check");
    }

    @Test
    void the_other_kinds_have_only_what_is_theirs() throws Exception {
        for (var kind : List.of("forget", "prune", "check")) {
            var page = open("/new?kind=" + kind);
            assertThat(page.getByLabel("Cron expression")).isVisible();
            assertThat(page.getByLabel("Paths")).hasCount(0);
            assertThat(page.getByLabel("Before")).hasCount(0);
            assertThat(page.getByLabel("Keep daily")).hasCount(kind.equals("forget") ? 1 : 0);
            page.getByLabel("Name").fill("my " + kind);
            button(page, "Save").click();
            assertThat(page.locator(".schedule")
                            .filter(new Locator.FilterOptions().setHasText("my " + kind))
                            .locator(".kind"))
                    .hasText(kind.substring(0, 1).toUpperCase() + kind.substring(1));
        }
        assertThat(schedules())
                .extracting(schedule -> schedule.path("kind").asText())
                .containsExactly("forget", "prune", "check");
        assertThat(schedules().get(0).at("/retention/keep_daily").asInt()).isEqualTo(14);
    }

    @Test
    void a_schedule_is_deleted_on_its_own_page() throws Exception {
        server.schedule(web, TestServer.NIGHTLY);
        var page = open("");
        link(page, "Edit nightly").click();
        page.getByText("Delete this schedule").click();

        button(page, "Delete schedule nightly").click();

        assertThat(page).hasURL(server.url() + path(""));
        assertThat(page.locator(".empty")).isVisible();
        assertThat(schedules()).isEmpty();
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

    @Test
    void without_scripts_it_works_too() throws Exception {
        chromium.expect("status of 400");
        var page = Visitor.signedIn(server, chromium.person(Chromium.options().setJavaScriptEnabled(false)))
                .open(path("/new?kind=backup"));
        page.getByLabel("Cron expression").fill("61 * * * *");
        page.getByLabel("Paths").fill("/srv");
        button(page, "Save").click();
        assertThat(page.locator("#cron-wrong")).isVisible();
        assertThat(page.getByLabel("Paths")).hasValue("/srv");

        page.getByLabel("Cron expression").fill("1 * * * *");
        button(page, "Save").click();

        assertThat(page).hasURL(server.url() + path("?saved"));
        assertThat(page.locator(".toast")).containsText("Saved.");
        assertThat(only().path("cron").asText()).isEqualTo("1 * * * *");
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
        server.get("/api/hosts/" + web.hostId() + "/schedules")
                .json()
                .path("schedules")
                .forEach(all::add);
        return all;
    }

    private JsonNode only() throws Exception {
        assertThat(schedules()).hasSize(1);
        return schedules().get(0);
    }

    private static String without(JsonNode node, String field) {
        return ((ObjectNode) node.deepCopy()).without(field).toString();
    }
}
