package io.resticfleet.server.page.addhost;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.Visitor;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Adding a machine. */
class AddHostTest {

    private static final Pattern INSTALL = Pattern.compile(
            "curl -fsS (\\S+)/agent/install\\.sh \\| sudo bash -s --" + " --server (\\S+) --token (rfe_\\S+)");

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private Visitor anna;

    @BeforeEach
    void signIn() {
        anna = Visitor.signedIn(server, chromium.person());
    }

    @Test
    void a_machine_is_added_by_one_line_and_its_page_turns_green_when_it_connects() throws Exception {
        var page = anna.open("/hosts/new");
        assertThat(page.getByRole(AriaRole.GROUP)
                        .filter(new Locator.FilterOptions().setHasText("Initial schedule · manual")))
                .containsText("These paths become a schedule named “manual” that you can edit like any other.");
        page.getByLabel("Name", exactly()).fill("web");
        page.getByLabel("Repository", exactly()).fill("rest:http://nas:8000/fleet/");
        page.getByLabel("User name").fill("fleet");
        page.getByLabel("Password", exactly()).fill(TestServer.REST_PASSWORD);
        page.getByLabel("Paths").fill("/etc\n/srv");
        button(page, "Create install command").click();

        assertThat(page.locator(".banner.warn")).containsText("Save the repository password now.");
        var password = page.locator("#repo-password").textContent();
        assertThat(password).hasSizeGreaterThan(30);
        assertThat(page.locator("#install-line")).hasText(INSTALL);
        assertThat(page.getByText("The paths become a schedule named “manual”")).isVisible();
        var arrival = page.locator("#arrival");
        assertThat(arrival).containsText("Waiting for web … This page updates by itself.");
        assertThat(arrival).not().hasClass(Pattern.compile("\\bok\\b"));

        var line = INSTALL.matcher(page.locator("#install-line").textContent());
        assertThat(line.matches()).isTrue();
        assertThat(line.group(1)).isEqualTo(server.url());
        assertThat(line.group(2)).isEqualTo(server.url());
        var web = server.join(line.group(3), "ignored");
        assertThat(arrival).hasText("web is enrolled. Waiting for its agent to connect …");
        var config = server.connect(web).hears(ToAgent.ConfigUpdate.class);
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
    void a_password_that_was_made_for_a_repository_of_another_machine_comes_with_a_warning() throws Exception {
        server.enrol("web");
        var page = anna.open("/hosts/new");
        page.getByLabel("Repository", exactly()).fill(TestServer.URL);
        button(page, "Create install command").click();

        assertThat(page.locator(".banner.warn").first())
                .containsText("Add the machine again with the repository password of web");
        assertThat(page.locator("#install-line")).hasText(INSTALL);
    }

    @Test
    void passwords_that_were_given_are_not_shown_and_without_paths_there_is_no_schedule() throws Exception {
        var page = anna.open("/hosts/new");
        page.getByLabel("Repository", exactly()).fill("/mnt/backup");
        page.getByLabel("Repository password").fill(TestServer.REPO_PASSWORD);
        button(page, "Create install command").click();

        assertThat(page.locator("#install-line")).isVisible();
        assertThat(page.locator("#repo-password")).hasCount(0);
        assertThat(page.content()).doesNotContain(TestServer.REPO_PASSWORD);
        assertThat(page.getByText("a schedule named “manual” on")).hasCount(0);
        assertThat(page.locator("#arrival")).containsText("Waiting for the machine …");

        var line = INSTALL.matcher(page.locator("#install-line").textContent());
        assertThat(line.matches()).isTrue();
        server.enrol("laptop");
        server.connect(server.join(line.group(3), "laptop"));
        assertThat(page.locator("#arrival")).containsText("laptop-2 is connected.");
    }

    @Test
    void what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() throws Exception {
        chromium.expect("status of 400");
        var page = anna.open("/hosts/new");
        page.getByLabel("Name", exactly()).fill("no good");
        page.getByLabel("Repository", exactly()).fill("nas:8000");
        page.getByLabel("User name").fill("fleet");
        page.getByLabel("Password", exactly()).fill(TestServer.REST_PASSWORD);
        page.getByLabel("Repository password").fill(TestServer.REPO_PASSWORD);
        page.getByLabel("Paths").fill("etc\n/srv");
        button(page, "Create install command").click();
        assertThat(page.locator("#hostname-wrong")).containsText("hostname must be 1 to 63 letters");
        assertThat(page.locator("#url-wrong")).containsText("a repository is an absolute path or starts with one of");
        assertThat(page.locator("#initial_paths-wrong"))
                .containsText("a path must be absolute, starting with /, but is 'etc'");
        assertThat(page.getByLabel("Name", exactly())).isFocused();
        assertThat(page.getByLabel("Paths")).hasValue("etc\n/srv");
        assertThat(page.getByLabel("Password", exactly())).hasValue(TestServer.REST_PASSWORD);
        assertThat(page.getByLabel("Repository password")).hasValue(TestServer.REPO_PASSWORD);

        page.getByLabel("Name", exactly()).fill("web");
        page.getByLabel("Paths").fill("/etc");
        for (var wrong : List.of(
                List.of("ftp://nas/", "url", "a repository is an absolute path or starts with one of"),
                List.of("rest:http://fleet:secret@nas/", "url", "the URL must not contain a user name or password"),
                List.of("/mnt/backup", "username", "a local repository takes no username and password"))) {
            page.getByLabel("Repository", exactly()).fill(wrong.get(0));
            button(page, "Create install command").click();
            assertThat(page.locator("#" + wrong.get(1) + "-wrong")).containsText(wrong.get(2));
            assertThat(page.locator(".wrong")).hasCount(1);
            assertThat(page.getByLabel("Repository", exactly())).hasValue(wrong.get(0));
        }
        assertThat(server.get("/api/audit").text()).doesNotContain("enrollment_token.create");

        page.getByLabel("Repository", exactly()).fill("rest:http://nas:8000/");
        button(page, "Create install command").click();
        assertThat(page.locator("#install-line")).isVisible();
    }

    @Test
    void looked_at_again_the_secrets_are_gone_and_in_time_the_line_expires() throws Exception {
        chromium.expect("status of 404");
        var page = anna.open("/hosts/new");
        page.getByLabel("Repository", exactly()).fill("/mnt/backup");
        button(page, "Create install command").click();
        var live = page.locator("[data-live]").getAttribute("data-live");
        var password = page.locator("#repo-password").textContent();

        page.navigate(server.url() + live);
        assertThat(page.getByText("The install command is shown only once.")).isVisible();
        assertThat(page.content()).doesNotContain(password).doesNotContain("rfe_");

        server.now = server.now.plus(Duration.ofMinutes(61));
        page.reload();
        assertThat(page.locator("#arrival")).hasText("The install command has expired. Create another.");
        page.navigate(server.url() + "/hosts/joining/" + "0".repeat(26));
        assertThat(page.locator("h1")).hasText("Not found");
    }

    @Test
    void lines_are_copied_whole() {
        var context = chromium.person();
        context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
        var page = Visitor.signedIn(server, context).open("/hosts/new");
        page.getByLabel("Repository", exactly()).fill("/mnt/backup");
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
