package io.resticfleet.server.page.repository;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.Reports;
import io.resticfleet.server.page.Visitor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where a host's backups go, and what is done there. */
class RepositoryPageTest {

    private static final String ELSEWHERE = "rest:https://other:8000/x/";

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final Reports reports = new Reports(server);
    private Visitor anna;
    private FakeMachine web;

    @BeforeEach
    void signIn() throws Exception {
        anna = Visitor.signedIn(server, chromium.person());
        web = server.enrol("web");
    }

    @Test
    void another_repository_is_told_to_the_machine_at_once() throws Exception {
        var agent = server.connectQuietly(web);
        var page = open();
        assertThat(repository(page)).hasValue(TestServer.URL);
        assertThat(page.getByLabel("User name")).hasValue("fleet");

        repository(page).fill(ELSEWHERE);
        page.getByLabel("User name").fill("web");
        page.getByLabel("Password", exactly()).fill("new-rest-password");
        page.getByLabel("Repository password").fill("new-repo-password");
        var told = save(page, agent);

        assertThat(told.url().value()).isEqualTo(ELSEWHERE);
        assertThat(told.username()).contains("web");
        assertThat(told.password()).contains("new-rest-password");
        assertThat(told.repoPassword()).isEqualTo("new-repo-password");
        assertThat(repository(page)).hasValue(ELSEWHERE);
        assertThat(page.getByLabel("Password", exactly())).hasValue("");
    }

    @Test
    void an_empty_password_keeps_the_old_one_only_for_the_same_place_and_name() throws Exception {
        var agent = server.connectQuietly(web);
        var page = open();

        page.getByLabel("Repository password").fill("another");
        var same = save(page, agent);
        assertThat(same.password()).contains(TestServer.REST_PASSWORD);
        assertThat(same.repoPassword()).isEqualTo("another");

        page.getByLabel("User name").fill("somebody");
        var otherName = save(page, agent);
        assertThat(otherName.password()).isEmpty();
        assertThat(otherName.repoPassword()).isEqualTo("another");

        page.getByLabel("Password", exactly()).fill(TestServer.REST_PASSWORD);
        assertThat(save(page, agent).password()).contains(TestServer.REST_PASSWORD);
        repository(page).fill(ELSEWHERE);
        var otherPlace = save(page, agent);
        assertThat(otherPlace.url().value()).isEqualTo(ELSEWHERE);
        assertThat(otherPlace.password()).isEmpty();
    }

    @Test
    void what_is_wrong_is_said_beside_its_field_and_the_old_one_stays() throws Exception {
        chromium.expect("status of 400");
        var agent = server.connectQuietly(web);
        var page = open();
        for (var wrong : List.of(
                List.of("", "fleet", "url", "a repository URL is 1 to 2048 characters"),
                List.of("nowhere", "fleet", "url", "a repository is an absolute path or starts with one of"),
                List.of("sftp:a:b@c:/d", "", "url", "the URL must not contain a password"),
                List.of("/mnt/backup", "fleet", "username", "a local repository takes no username and password"),
                List.of(TestServer.URL, "", "username", "a password needs a username"))) {
            repository(page).fill(wrong.get(0));
            page.getByLabel("User name").fill(wrong.get(1));
            page.getByLabel("Password", exactly()).fill(wrong.get(2).equals("username") ? "secret-4711" : "");
            button(page, "Save").click();

            assertThat(page.locator("#" + wrong.get(2) + "-wrong")).containsText(wrong.get(3));
            assertThat(page.locator("#" + wrong.get(2))).isFocused();
            assertThat(repository(page)).hasValue(wrong.get(0));
            assertThat(page.content()).doesNotContain("secret-4711");
        }
        assertThat(agent.hearsUntilNow()).isEmpty();
    }

    @Test
    void secrets_are_in_no_page_and_not_in_the_audit_log() throws Exception {
        chromium.expect("status of 400");
        var page = open();
        repository(page).fill("wrong");
        page.getByLabel("Repository password").fill("new-repo-password");
        button(page, "Save").click();
        assertThat(page.locator("#url-wrong")).isVisible();
        assertThat(page.content()).doesNotContain("new-repo-password");
        repository(page).fill(TestServer.URL);
        button(page, "Save").click();
        assertThat(page.locator("#url-wrong")).hasCount(0);

        for (var path : List.of("", "/schedules", "/repository", "/jobs", "/settings")) {
            assertThat(source("/hosts/" + web.hostId() + path)).doesNotContain("-password-4711", "-password-0815");
        }
        assertThat(source("/audit"))
                .contains("changed a repository", "created an enrolment token")
                .doesNotContain(TestServer.REPO_PASSWORD, TestServer.REST_PASSWORD, "new-repo-password");
        assertThat(server.get("/api/audit").text())
                .doesNotContain(TestServer.REPO_PASSWORD, TestServer.REST_PASSWORD, "new-repo-password");
    }

    @Test
    void machines_that_share_it_are_named() throws Exception {
        var nas = server.enrol("nas");
        server.enrol("elsewhere", Map.of("repository", TestServer.repository(ELSEWHERE)));
        var page = open();

        assertThat(page.locator("main")).containsText("Shared with nas");
        assertThat(link(page, "elsewhere")).hasCount(0);
        link(page, "nas").click();

        assertThat(page).hasURL(server.url() + "/hosts/" + nas.hostId() + "/repository");
        assertThat(page.locator("main")).containsText("Shared with web");
    }

    @Test
    void check_prune_and_unlock_are_one_click_while_the_machine_is_connected() throws Exception {
        var page = open();
        assertThat(button(page, "Check now")).isDisabled();
        var agent = server.connectQuietly(web);
        int sequence = 0;
        for (var once : Map.of(
                        "Check now", JobKind.CHECK, "Prune now", JobKind.PRUNE, "Remove stale locks", JobKind.UNLOCK)
                .entrySet()) {
            button(page, once.getKey()).click();
            var run = agent.hears(ToAgent.CommandRun.class);
            assertThat(run.order().kind()).isEqualTo(once.getValue());
            agent.say(reports.ended(++sequence, run.jobId(), once.getValue()));
        }
        assertThat(page.locator(".jobs .what")).hasText(new String[] {"Check", "Prune", "Unlock"});
        assertThat(page.locator(".jobs .state")).hasText(new String[] {"succeeded", "succeeded", "succeeded"});
        agent.vanish();
        assertThat(button(page, "Prune now")).isDisabled();
    }

    @Test
    void what_backups_hold_is_drawn_and_told_in_a_table() throws Exception {
        var schedule = server.schedule(web, TestServer.NIGHTLY);
        var agent = server.connectQuietly(web);
        assertThat(open().locator("main")).containsText("The chart appears after the second backup.");
        for (int run = 1; run <= 2; run++) {
            agent.sayAndHear(reports.finished(run, Reports.id(run), schedule));
        }
        var page = open();

        assertThat(page.locator(".chart canvas")).isVisible();
        page.getByText("Show as a table").click();
        assertThat(page.locator("details tbody tr")).hasCount(2);
        assertThat(page.locator("details tbody tr").first()).containsText("Sun 1 Mar, 13:01");
    }

    /** What the machine is told, once the page is a new one. */
    private static Repository save(Page page, FakeAgent agent) throws Exception {
        page.evaluate("() => document.body.classList.add('old')");
        button(page, "Save").click();
        var told = agent.hears(ToAgent.ConfigUpdate.class).repository();
        assertThat(page.locator("body.old")).hasCount(0);
        return told;
    }

    private static Locator repository(Page page) {
        return page.getByLabel("Repository", new Page.GetByLabelOptions().setExact(true));
    }

    private Page open() {
        return anna.open("/hosts/" + web.hostId() + "/repository");
    }

    private String source(String path) throws Exception {
        return server.request("GET", path, "", "Cookie", "rf_session=" + server.session())
                .text();
    }

    private static Page.GetByLabelOptions exactly() {
        return new Page.GetByLabelOptions().setExact(true);
    }
}
