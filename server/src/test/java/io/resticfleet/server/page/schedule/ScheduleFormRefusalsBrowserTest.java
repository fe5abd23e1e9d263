package io.resticfleet.server.page.schedule;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.BrowserSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The form of a schedule in the browser, when saving fails: nothing typed is lost. */
class ScheduleFormRefusalsBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private BrowserContext context;
    private BrowserSession anna;
    private EnrolledAgent web;

    @BeforeEach
    void signIn() throws Exception {
        context = chromium.context();
        anna = BrowserSession.signedIn(server, context);
        web = server.enrol("web");
        chromium.expectError("status of 400");
    }

    @Test
    void the_form_of_a_schedule_that_another_user_has_deleted_stays_open() throws Exception {
        chromium.expectError("status of 404");
        var id = web.addSchedule(Samples.NIGHTLY);
        var page = open("/" + id);
        page.getByLabel("Paths").fill("/mine");
        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + id);

        button(page, "Save").click();

        // The page may show a toast of its own beside it.
        assertThat(page.getByText("there is no schedule " + id)).isVisible();
        assertThat(page.getByLabel("Paths")).hasValue("/mine");
    }

    @Test
    void while_the_server_is_unreachable_nothing_is_lost_and_saving_works_afterwards() {
        chromium.expectError("ERR_INTERNET_DISCONNECTED");
        chromium.expectError("htmx:sendError");
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
    void an_open_page_of_a_deleted_machine_turns_into_not_found() throws Exception {
        chromium.expectError("status of 404");
        var page = open("");
        assertThat(link(page, "Add forget")).isVisible();

        server.api().delete("/api/hosts/" + web.hostId());

        assertThat(page.locator("h1")).hasText("Not found");
        assertThat(page.locator("main")).containsText("there is no host " + web.hostId());
        link(page, "Show all machines").click();
        assertThat(page).hasURL(server.url() + "/");
    }

    private Page open(String path) {
        return anna.open(path(path));
    }

    private String path(String more) {
        return "/hosts/" + web.hostId() + "/schedules" + more;
    }
}
