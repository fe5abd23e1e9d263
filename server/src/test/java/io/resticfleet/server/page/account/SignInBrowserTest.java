package io.resticfleet.server.page.account;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.BrowserSession;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Signing in and out in the browser: focus, the back button, and sessions that end while a page is open. */
class SignInBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void the_focus_is_where_to_type_and_after_signing_out_the_back_button_shows_nothing() {
        chromium.expectError("status of 401");
        var page = chromium.page();
        page.navigate(server.url());
        assertThat(page).hasURL(server.url() + "/login");
        assertThat(page.getByLabel("User name")).isFocused();

        signIn(page, "wrong horse");
        assertThat(page.getByRole(AriaRole.ALERT)).hasText("username or password is wrong");
        assertThat(page.getByLabel("User name")).hasValue("anna");
        assertThat(page.getByLabel("Password")).hasValue("");
        assertThat(page.getByLabel("Password")).isFocused();

        signIn(page, "correct horse");
        assertThat(page).hasURL(server.url() + "/");
        assertThat(page.locator(".who .name")).hasText("anna");

        button(page, "Sign out").click();
        assertThat(page).hasURL(server.url() + "/login");
        page.goBack();
        assertThat(page.locator("h1")).hasText("Sign in");
    }

    @Test
    void a_click_after_the_session_has_ended_warns_and_keeps_what_was_typed() throws Exception {
        var web = server.enrol("web");
        var path = "/hosts/" + web.hostId() + "/schedules";
        var context = chromium.context();
        var page = BrowserSession.signedIn(server, context).open(path + "/new?kind=backup");
        page.getByLabel("Paths").fill("/srv/typed for long");
        chromium.expectError("status of 401");
        context.clearCookies();

        button(page, "Save").click();
        assertThat(page.locator(".toast"))
                .containsText("You are signed out. Sign in in another tab, then continue here.");
        button(page, "Save").click();
        assertThat(page.locator("form.htmx-request")).hasCount(0);
        assertThat(page.locator(".toast")).hasCount(1);
        assertThat(page.getByLabel("Paths")).hasValue("/srv/typed for long");

        BrowserSession.signedIn(server, context);
        button(page, "Save").click();
        assertThat(page).hasURL(server.url() + path);
        assertThat(page.locator(".schedule")).containsText("/srv/typed for long");
    }

    @Test
    void an_open_page_whose_session_ends_leads_to_sign_in_unless_something_was_typed() throws Exception {
        var web = server.enrol("web");
        var context = chromium.context();
        var anna = BrowserSession.signedIn(server, context);
        var form = openWithStream(anna, "/hosts/" + web.hostId() + "/schedules/new?kind=backup");
        var list = openWithStream(anna, "/hosts/" + web.hostId() + "/schedules");
        form.getByLabel("Paths").fill("/srv/typed for long");
        chromium.expectError("status of 401");
        context.clearCookies();

        server.clock().skip(Duration.ofSeconds(61)); // streams end, and browsers ask for new ones
        server.enrol("other");

        assertThat(list.locator("h1")).hasText("Sign in");
        assertThat(form.locator(".toast")).containsText("You are signed out.");
        assertThat(form.getByLabel("Paths")).hasValue("/srv/typed for long");
    }

    /** Not by a reload: the response might be that to the page before. */
    private Page openWithStream(BrowserSession session, String path) {
        var page = session.tab();
        page.waitForResponse(response -> response.url().contains("_live="), () -> page.navigate(server.url() + path));
        return page;
    }

    private static void signIn(Page page, String password) {
        page.getByLabel("User name").fill("anna");
        page.getByLabel("Password").fill(password);
        button(page, "Sign in").click();
    }
}
