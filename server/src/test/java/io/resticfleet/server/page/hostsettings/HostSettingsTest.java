package io.resticfleet.server.page.hostsettings;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.RunLimit;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.Visitor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host's name, what is known of it, and its end. */
class HostSettingsTest {

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
        chromium.expect("status of 400");
    }

    @Test
    void a_machine_is_renamed_here_while_its_snapshots_keep_their_name() throws Exception {
        var page = open();
        page.getByLabel("Shown as").fill("  ");
        button(page, "Save").click();
        assertThat(page.locator("#name-wrong")).hasText("a name is 1 to 100 characters on one line");
        assertThat(page.getByLabel("Shown as")).isFocused();

        page.getByLabel("Shown as").fill("Web server, cellar");
        button(page, "Save").click();

        assertThat(page.locator("h1")).hasText("Web server, cellar");
        assertThat(page.locator(".toast")).containsText("Saved.");
        assertThat(page).hasURL(server.url() + "/hosts/" + web.hostId() + "/settings");
        assertThat(page).hasTitle("Web server, cellar · Settings · restic-fleet");
        assertThat(page.locator("#name-hint")).containsText("In snapshots, the machine is always called web.");
        assertThat(server.get("/api/hosts/" + web.hostId()).at("/name")).isEqualTo("Web server, cellar");
        assertThat(server.get("/api/hosts/" + web.hostId()).at("/hostname")).isEqualTo("web");
    }

    @Test
    void what_the_machine_said_of_itself_is_shown() throws Exception {
        server.connectQuietly(web);
        var page = open();

        assertThat(page.locator(".facts dd")).containsText(new String[] {
            "web",
            "linux amd64",
            "0.1.0",
            "0.18.0",
            "UTC",
            "same as the server's",
            "Sun 1 Mar, 13:00",
            "Sun 1 Mar, 13:00"
        });
        assertThat(page.locator(".facts")).containsText(web.hostId());
        link(page, "Changes").click();
        assertThat(page.locator("h1")).hasText("Audit log of web");
    }

    @Test
    void what_the_machine_allows_is_shown_here_and_beside_hooks() throws Exception {
        var agent = server.connectQuietly(web);
        var page = open();
        assertThat(page.locator("main")).containsText("Not reported yet");

        agent.sayAndHear(new ToServer.PolicyReport(policy(HookRule.LOCAL_ONLY, Optional.empty())));
        page.reload();

        assertThat(page.getByText("What this machine allows")).isVisible();
        assertThat(page.locator("main"))
                .containsText("only scripts in /etc/restic-fleet/hooks on the machine, by name");
        assertThat(page.locator("main")).containsText("only rest, sftp");
        assertThat(page.locator("main")).containsText("12h; a longer run is stopped");
        assertThat(page.locator("main")).containsText("into /srv/restore");
        assertThat(page.locator("main")).containsText("in /etc/restic-fleet/policy.json on the machine");
        page.navigate(server.url() + "/hosts/" + web.hostId() + "/schedules/new");
        assertThat(page.locator("#schedule")).containsText("enter the name of a script, without path or arguments");
    }

    @Test
    void a_policy_that_cannot_be_used_is_said_with_why() throws Exception {
        var agent = server.connectQuietly(web);
        agent.sayAndHear(new ToServer.PolicyReport(policy(HookRule.OFF, Optional.of("'hook' is not a field"))));

        var page = open();

        assertThat(page.locator(".banner.bad"))
                .hasText(
                        "The machine's policy file is invalid, so no hooks run; backups continue. /etc/restic-fleet/policy.json: 'hook' is not a"
                                + " field");
        page.navigate(server.url() + "/hosts/" + web.hostId() + "/schedules/new");
        assertThat(page.locator("#schedule")).containsText("This machine does not allow hooks");
    }

    private static HostPolicy policy(HookRule hooks, Optional<String> problem) {
        return new HostPolicy(
                "/etc/restic-fleet/policy.json",
                hooks,
                "/etc/restic-fleet/hooks",
                List.of("/srv/restore"),
                false,
                List.of("rest", "sftp"),
                Optional.of(new RunLimit("12h")),
                Optional.empty(),
                problem);
    }

    @Test
    void a_machine_is_deleted_only_by_its_name() throws Exception {
        var agent = server.connectQuietly(web);
        server.enrol("nas");
        var page = open();
        button(page, "Delete this machine").click();
        assertThat(page.locator("#confirm-wrong")).hasText("type the machine's name to confirm the deletion");
        page.getByLabel("Type web to confirm").fill("nas");
        button(page, "Delete this machine").click();
        assertThat(page.getByLabel("Type web to confirm")).hasValue("");
        assertThat(page.locator("#confirm-wrong")).isVisible();
        assertThat(page).hasURL(server.url() + "/hosts/" + web.hostId() + "/settings");
        assertThat(agent.isClosed()).isFalse();

        page.getByLabel("Type web to confirm").fill("web");
        button(page, "Delete this machine").click();

        assertThat(page).hasURL(server.url() + "/");
        assertThat(page.locator(".card h2")).hasText(new String[] {"nas"});
        agent.closedWith();
        assertThat(server.get("/api/hosts/" + web.hostId()).outcome()).isEqualTo("404 not_found");
    }

    private Page open() {
        return anna.open("/hosts/" + web.hostId() + "/settings");
    }
}
