package io.resticfleet.server.page.account;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.Visitor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who changed what. */
class AuditPageTest {

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
    void changes_are_told_in_words_newest_first_with_who_what_where_and_from_where() throws Exception {
        var web = server.enrol("web");
        var id = server.schedule(web, TestServer.NIGHTLY);
        server.put(
                "/api/hosts/" + web.hostId() + "/schedules/" + id,
                Map.of("kind", "backup", "name", "weekly", "cron", "0 4 * * 0", "paths", List.of("/etc")));
        server.patch("/api/hosts/" + web.hostId(), Map.of("name", "cellar"));
        var page = anna.open("/audit");

        assertThat(lines(page)).hasText(new String[] {
            "anna (token tests) renamed a machine: cellar",
            "anna (token tests) changed a schedule: weekly on cellar",
            "anna (token tests) created a schedule: nightly on cellar",
            "anna (token tests) (enrolment token) enrolled a machine: web on cellar",
            "anna (token tests) created an enrolment token",
            "anna signed in",
            "anna created an API token: tests",
            "anna signed in",
            "bootstrap created a user: anna"
        });
        assertThat(page.locator(".audit li").first()).containsText("Sun 1 Mar, 13:00 · just now · from 127.0.0.1");

        var change = page.locator(".audit li").nth(1);
        assertThat(change.locator("pre")).isHidden();
        change.getByText("Details").click();
        assertThat(change.locator("pre")).containsText("\"cron\" : \"30 2 * * *\"");
        assertThat(change.locator("pre")).containsText("\"cron\" : \"0 4 * * 0\"");
        link(page, "cellar").first().click();
        assertThat(page).hasURL(server.url() + "/hosts/" + web.hostId());
    }

    @Test
    void what_happened_to_one_machine_is_shown_alone_page_by_page() throws Exception {
        var web = server.enrol("web");
        server.enrol("nas");
        for (int i = 1; i <= 51; i++) {
            server.patch("/api/hosts/" + web.hostId(), Map.of("name", "web " + i));
        }
        var page = anna.open("/audit?host=" + web.hostId());

        assertThat(page.locator("h1")).hasText("Audit log of web 51");
        assertThat(lines(page)).hasCount(50);
        assertThat(lines(page).first()).hasText("anna (token tests) renamed a machine: web 51");
        link(page, "Older").click();
        assertThat(lines(page)).hasText(new String[] {
            "anna (token tests) renamed a machine: web 1 on web 51",
            "anna (token tests) (enrolment token) enrolled a machine: web on web 51"
        });
        assertThat(link(page, "Older")).hasCount(0);
        assertThat(page.locator("h1")).hasText("Audit log of web 51");
    }

    @Test
    void the_curl_line_shows_the_same_and_is_safe_to_paste_whatever_the_address_was() throws Exception {
        var web = server.enrol("web");
        var page = anna.open("/audit?host=" + web.hostId());
        page.getByText("Get this with curl").click();
        assertThat(page.locator("#curl"))
                .hasText("curl -fsS -H \"Authorization: Bearer $TOKEN\" '" + server.url() + "/api/audit?host="
                        + web.hostId() + "'");

        page.navigate(server.url() + "/audit?host=x';touch%20/tmp/pwned;'%26cursor=y");
        page.getByText("Get this with curl").click();
        assertThat(page.locator("#curl"))
                .hasText("curl -fsS -H \"Authorization: Bearer $TOKEN\" '" + server.url()
                        + "/api/audit?host=x%27%3Btouch+%2Ftmp%2Fpwned%3B%27%26cursor%3Dy'");
    }

    @Test
    void what_is_about_a_machine_that_is_no_more_stays() throws Exception {
        var web = server.enrol("web");
        server.delete("/api/hosts/" + web.hostId());
        var page = anna.open("/audit");

        assertThat(lines(page).first()).hasText("anna (token tests) deleted a machine: web");
    }

    private static Locator lines(Page page) {
        return page.locator(".audit li > p:first-child");
    }
}
