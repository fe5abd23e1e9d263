package io.resticfleet.server.page.schedule;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.Visitor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Schedules that cannot be saved: why is said beside the field, and nothing that was typed is lost. */
class ScheduleFormRefusalsTest {

    /** By id of the field: what is typed, and what is said beside it; the code it stands for, where it has one. */
    private static final List<Map<String, List<String>>> WRONG = List.of(
            typed(
                    List.of("name", " ", "a schedule needs a name"), // name_required
                    List.of("cron", "", "a schedule needs a cron expression unless it is manual"), // cron_required
                    List.of(
                            "time_zone",
                            "Mars/North",
                            "time_zone must be an IANA name such as Europe/London but is 'Mars/North'"),
                    List.of(
                            "catch_up",
                            "always",
                            "catch_up must be run_once, skip, or within: and a duration such as 90m, 6h or 2d, but is"
                                    + " 'always'"), // invalid_catch_up
                    List.of("jitter_minutes", "721", "jitter_minutes must be 0 to 720 but is 721"), // invalid_jitter
                    List.of("paths", "", "a backup needs at least one path"), // paths_required
                    List.of("excludes", "good\nb\u0007d", "'b\u0007d' is not usable here"), // invalid_exclude
                    List.of("tags", "good, schedule:x", "'schedule:x' is not usable here"), // invalid_tag
                    List.of(
                            "keep_daily",
                            "1000001",
                            "keep_daily must be 0 to 1000000 but is 1000001"), // invalid_retention
                    List.of("keep_weekly", "-1", "this must be a whole number but is '-1'"), // wrong_type
                    List.of(
                            "keep_within",
                            "soon",
                            "keep_within must be a duration such as 30d or 1y6m7d12h but is 'soon'"),
                    List.of("limit_upload_kib", "1.5", "this must be a whole number but is '1.5'"),
                    List.of("hook_pre", "x".repeat(4097), "a hook is at most 4096 characters")), // invalid_hook
            typed(
                    List.of("name", "two\tlines", "name must be at most 100 characters on one line"), // invalid_name
                    List.of("cron", "61 * * * *", "61"), // invalid_cron
                    List.of(
                            "paths",
                            "relative\n/good\n~/x",
                            "but is 'relative'; a path must be absolute, starting with /, but is '~/x'"),
                    List.of("excludes", "x".repeat(4097), "is not usable here"),
                    List.of("hook_post", "x".repeat(4097), "a hook is at most 4096 characters")),
            typed(
                    List.of("paths", "/b\u0007d", "'/b\u0007d' is not usable here"), // invalid_path
                    List.of(
                            "excludes",
                            "x\n".repeat(1001).strip(),
                            "excludes has 1001 items; at most 1000"))); // too_many

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private BrowserContext context;
    private Visitor anna;
    private FakeMachine web;

    @BeforeEach
    void signIn() throws Exception {
        context = chromium.person();
        anna = Visitor.signedIn(server, context);
        web = server.enrol("web");
        chromium.expect("status of 400");
    }

    @Test
    void everything_wrong_is_said_at_once_beside_its_field_and_stays_as_typed() throws Exception {
        var page = open("/new?kind=backup");
        for (var attempt : WRONG) {
            page.locator("details.box").evaluate("it => it.open = true");
            page.getByLabel("Paths").fill("/kept");
            attempt.forEach((field, typed) -> page.locator("#" + field).fill(typed.get(1)));
            page.getByLabel("Exclude cache directories").uncheck();
            button(page, "Save").click();

            attempt.forEach((field, typed) -> {
                assertThat(page.locator("#" + field + "-wrong")).containsText(typed.get(2));
                assertThat(page.locator("#" + field)).hasAttribute("aria-invalid", "true");
                assertThat(page.locator("#" + field)).hasValue(typed.get(1));
            });
            assertThat(page.locator(".field .wrong")).hasCount(attempt.size());
            assertThat(page.getByRole(AriaRole.ALERT)).hasText("Not saved: " + attempt.size() + " fields are invalid.");
            assertThat(page.locator("[aria-invalid]").first()).isFocused();
            assertThat(page.getByLabel("Exclude cache directories")).not().isChecked();
            page.reload();
        }
        assertThat(server.get("/api/hosts/" + web.hostId() + "/schedules").at("/version"))
                .isEqualTo("0");
    }

    @Test
    void a_forget_that_would_keep_nothing_is_refused_beside_what_to_keep() {
        var page = open("/new?kind=forget");
        for (var rule : List.of("Keep daily", "Keep weekly", "Keep monthly")) {
            page.getByLabel(rule).fill("");
        }
        button(page, "Save").click();

        assertThat(page.locator("#retention-wrong")).containsText("would delete every snapshot; set what to keep");
        page.getByLabel("Keep last").fill("3");
        button(page, "Save").click();
        assertThat(page.locator(".schedule")).containsText("keeps the last 3");
    }

    @Test
    void what_somebody_else_changed_meanwhile_is_not_overwritten_unawares() throws Exception {
        chromium.expect("status of 409");
        var id = server.schedule(web, TestServer.NIGHTLY);
        var page = open("/" + id);
        page.getByLabel("Paths").fill("/mine");
        var theirs = new LinkedHashMap<String, Object>(TestServer.NIGHTLY);
        theirs.put("paths", List.of("/theirs"));
        server.put("/api/hosts/" + web.hostId() + "/schedules/" + id, theirs);

        button(page, "Save").click();
        assertThat(page.getByRole(AriaRole.ALERT))
                .containsText("somebody else changed this schedule after you opened it");
        assertThat(page.getByLabel("Paths")).hasValue("/mine");
        assertThat(pathsOf(id)).isEqualTo("[\"/theirs\"]");

        button(page, "Save").click();
        assertThat(page).hasURL(server.url() + path(""));
        assertThat(pathsOf(id)).isEqualTo("[\"/mine\"]");
    }

    @Test
    void what_somebody_else_deleted_meanwhile_is_told_and_the_form_stays() throws Exception {
        chromium.expect("status of 404");
        var id = server.schedule(web, TestServer.NIGHTLY);
        var page = open("/" + id);
        page.getByLabel("Paths").fill("/mine");
        server.delete("/api/hosts/" + web.hostId() + "/schedules/" + id);

        button(page, "Save").click();

        // Beside it may be what the page itself found out.
        assertThat(page.getByText("there is no schedule " + id).first()).isVisible();
        assertThat(page.getByLabel("Paths")).hasValue("/mine");
    }

    @Test
    void while_the_server_is_away_nothing_is_lost_and_saving_works_when_it_is_back() {
        chromium.expect("ERR_INTERNET_DISCONNECTED");
        chromium.expect("htmx:sendError");
        var page = open("/new?kind=backup");
        page.getByLabel("Paths").fill("/typed");
        context.setOffline(true);

        page.getByLabel("Cron expression").pressSequentially("  ");
        button(page, "Save").click();
        assertThat(page.locator("form.htmx-request")).hasCount(0);
        assertThat(page.locator(".toast")).hasText("The server cannot be reached. Nothing was lost: try again.×");
        assertThat(page.getByLabel("Paths")).hasValue("/typed");

        context.setOffline(false);
        button(page, "Save").click();
        assertThat(page).hasURL(server.url() + path(""));
        assertThat(page.locator(".schedule")).containsText("/typed");
    }

    @Test
    void a_machine_deleted_meanwhile_leads_to_a_page_that_says_so() throws Exception {
        chromium.expect("status of 404");
        var page = open("");
        assertThat(link(page, "Add forget")).isVisible();

        server.delete("/api/hosts/" + web.hostId());

        assertThat(page.locator("h1")).hasText("Not found");
        assertThat(page.locator("main")).containsText("there is no host " + web.hostId());
        link(page, "Show all machines").click();
        assertThat(page).hasURL(server.url() + "/");
    }

    @SafeVarargs
    private static Map<String, List<String>> typed(List<String>... fields) {
        return IntStream.range(0, fields.length)
                .boxed()
                .collect(Collectors.toMap(
                        i -> fields[i].get(0), i -> fields[i], (one, other) -> one, LinkedHashMap::new));
    }

    private Page open(String path) {
        return anna.open(path(path));
    }

    private String path(String more) {
        return "/hosts/" + web.hostId() + "/schedules" + more;
    }

    private String pathsOf(String id) throws Exception {
        return server.get("/api/hosts/" + web.hostId() + "/schedules/" + id)
                .json()
                .path("paths")
                .toString();
    }
}
