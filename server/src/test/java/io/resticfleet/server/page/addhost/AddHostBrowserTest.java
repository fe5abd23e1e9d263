package io.resticfleet.server.page.addhost;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.BrowserSession;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Adding a machine in the browser: the story from the form to the first schedule, focus, and the clipboard. */
class AddHostBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void a_machine_is_added_by_one_command_and_its_page_turns_green_when_it_connects() throws Exception {
        var page = BrowserSession.signedIn(server, chromium.context()).open("/hosts/new");
        assertThat(page.getByRole(AriaRole.GROUP)
                        .filter(new Locator.FilterOptions().setHasText("Initial schedule · manual")))
                .containsText("These paths become a schedule named “manual” that you can edit like any other.");
        page.getByLabel("Name", exactly()).fill("web");
        page.getByLabel("Repository", exactly()).fill("rest:http://nas:8000/fleet/");
        page.getByLabel("User name").fill("fleet");
        page.getByLabel("Password", exactly()).fill(Samples.REST_PASSWORD);
        page.getByLabel("Paths").fill("/etc\n/srv");
        button(page, "Create install command").click();

        assertThat(page.locator(".banner.warn").first()).containsText("other machines cannot reach " + server.url());
        assertThat(page.locator(".banner.warn").last()).containsText("Save the repository password now.");
        var password = page.locator("#repo-password").textContent();
        assertThat(password).hasSizeGreaterThan(30);
        assertThat(page.getByText("The paths become a schedule named “manual”")).isVisible();
        var arrival = page.locator("#arrival");
        assertThat(arrival).containsText("Waiting for web … This page updates by itself.");
        assertThat(arrival).not().hasClass(Pattern.compile("\\bok\\b"));

        var command = InstallCommand.of(page.locator("#install-line").textContent());
        assertThat(command.source()).isEqualTo(server.url());
        assertThat(command.server()).isEqualTo(server.url());
        var web = server.enrolWith(command.token(), "ignored");
        assertThat(arrival).hasText("web is enrolled. Waiting for its agent to connect …");
        var config = web.connect().receive(ToAgent.ConfigUpdate.class);
        assertThat(config.repository().repoPassword()).isEqualTo(password);
        assertThat(arrival).containsText("web is connected.");
        assertThat(arrival).hasClass(Pattern.compile("\\bok\\b"));

        link(page, "Show its schedules").click();
        assertThat(page.locator(".schedule h2")).hasText("manual Backup");
        link(page, "Edit manual").click();
        assertThat(page.getByLabel("Paths")).hasValue("/etc\n/srv");
        assertThat(page.getByLabel("Manual schedule")).isChecked();
    }

    @Test
    void passwords_stay_typed_while_another_field_is_wrong_and_the_command_is_copied_whole() {
        chromium.expectError("status of 400");
        var context = chromium.context();
        context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
        var page = BrowserSession.signedIn(server, context).open("/hosts/new");
        page.getByLabel("Name", exactly()).fill("no good");
        page.getByLabel("Repository", exactly()).fill("rest:http://nas:8000/");
        page.getByLabel("User name").fill("fleet");
        page.getByLabel("Password", exactly()).fill(Samples.REST_PASSWORD);
        page.getByLabel("Repository password").fill(Samples.REPO_PASSWORD);
        button(page, "Create install command").click();
        assertThat(page.locator("#hostname-wrong")).isVisible();
        assertThat(page.getByLabel("Name", exactly())).isFocused();
        assertThat(page.getByLabel("Password", exactly())).hasValue(Samples.REST_PASSWORD);
        assertThat(page.getByLabel("Repository password")).hasValue(Samples.REPO_PASSWORD);

        page.getByLabel("Name", exactly()).fill("web");
        button(page, "Create install command").click();
        var line = page.locator(".line").filter(new Locator.FilterOptions().setHas(page.locator("#install-line")));
        line.getByRole(AriaRole.BUTTON).click();

        assertThat(line.getByRole(AriaRole.BUTTON)).hasText("Copied");
        assertThat(page.evaluate("() => navigator.clipboard.readText()"))
                .isEqualTo(page.locator("#install-line").textContent());
    }

    private static Page.GetByLabelOptions exactly() {
        return new Page.GetByLabelOptions().setExact(true);
    }
}
