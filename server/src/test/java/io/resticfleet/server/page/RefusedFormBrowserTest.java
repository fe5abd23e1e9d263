package io.resticfleet.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;

import com.microsoft.playwright.Page;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where the browser puts the focus after a form was refused. */
class RefusedFormBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private String web;
    private Page page;

    @BeforeEach
    void signIn() throws Exception {
        chromium.expectError("status of 400");
        web = "/hosts/" + server.enrol("web").hostId();
        page = BrowserSession.signedIn(server, chromium.context()).tab();
    }

    @Test
    void the_first_invalid_field_has_the_focus() {
        open("/settings");
        for (var wrong : List.of(
                List.of("wrong horse", "another horse", "another horse", "current_password"),
                List.of("correct horse", "short", "short", "new_password"),
                List.of("correct horse", "another horse", "another house", "again"))) {
            page.getByLabel("Current password").fill(wrong.get(0));
            page.getByLabel("New password").fill(wrong.get(1));
            page.getByLabel("Repeat password").fill(wrong.get(2));
            button(page, "Change password").click();
            assertFocusIsOn(wrong.get(3));
        }

        open(web + "/settings");
        page.getByLabel("Shown as").fill("  ");
        button(page, "Save").click();
        assertFocusIsOn("name");

        open(web + "/repository");
        page.getByLabel("User name").fill("");
        page.getByLabel("Password", new Page.GetByLabelOptions().setExact(true)).fill("secret");
        button(page, "Save").click();
        assertFocusIsOn("username");

        open(web + "/schedules/new?kind=backup");
        page.getByLabel("Time zone").fill("Mars/North");
        page.getByLabel("Cron expression").fill("61 * * * *");
        button(page, "Save").click();
        assertFocusIsOn("cron");
        assertThat(page.locator("[aria-invalid]").first()).isFocused();
    }

    private void open(String path) {
        page.navigate(server.url() + path);
    }

    private void assertFocusIsOn(String id) {
        assertThat(page.locator("#" + id + "-wrong")).isVisible();
        assertThat(page.locator("#" + id)).isFocused();
    }
}
