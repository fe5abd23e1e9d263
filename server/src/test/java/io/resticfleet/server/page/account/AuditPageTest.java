package io.resticfleet.server.page.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The audit log. */
class AuditPageTest {

    private static final String LINES = ".audit li > p:first-child";

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;

    @BeforeEach
    void signIn() {
        anna = PageClient.signedIn(server);
    }

    @Test
    void changes_are_listed_in_words_newest_first_with_user_target_and_address() throws Exception {
        var web = server.enrol("web");
        var id = web.addSchedule(Samples.NIGHTLY);
        server.api()
                .put(
                        "/api/hosts/" + web.hostId() + "/schedules/" + id,
                        Map.of("kind", "backup", "name", "weekly", "cron", "0 4 * * 0", "paths", List.of("/etc")));
        server.api().patch("/api/hosts/" + web.hostId(), Map.of("name", "cellar"));
        var page = anna.open("/audit");

        assertThat(page.texts(LINES))
                .containsExactly(
                        "anna (token tests) renamed a machine: cellar",
                        "anna (token tests) changed a schedule: weekly on cellar",
                        "anna (token tests) created a schedule: nightly on cellar",
                        "anna (token tests) (enrolment token) enrolled a machine: web on cellar",
                        "anna (token tests) created an enrolment token",
                        "anna signed in",
                        "anna created an API token: tests",
                        "anna signed in",
                        "bootstrap created a user: anna");
        assertThat(page.texts(".audit li").get(0)).contains("Sun 1 Mar, 13:00 · just now · from 127.0.0.1");

        var change = page.select(".audit li").get(1).expectFirst("details");
        assertThat(change.hasAttr("open")).isFalse();
        assertThat(change.expectFirst("summary").text()).isEqualTo("Details");
        assertThat(change.expectFirst("pre").wholeText())
                .contains("\"cron\" : \"30 2 * * *\"", "\"cron\" : \"0 4 * * 0\"");
        assertThat(page.follow("cellar").path()).isEqualTo("/hosts/" + web.hostId());
    }

    @Test
    void the_changes_of_one_machine_are_listed_page_by_page() throws Exception {
        var web = server.enrol("web");
        server.enrol("nas");
        for (int i = 1; i <= 51; i++) {
            server.api().patch("/api/hosts/" + web.hostId(), Map.of("name", "web " + i));
        }
        var newest = anna.open("/audit?host=" + web.hostId());

        assertThat(newest.text("h1")).isEqualTo("Audit log of web 51");
        assertThat(newest.texts(LINES)).hasSize(50);
        assertThat(newest.texts(LINES).get(0)).isEqualTo("anna (token tests) renamed a machine: web 51");

        var older = newest.follow("Older");
        assertThat(older.texts(LINES))
                .containsExactly(
                        "anna (token tests) renamed a machine: web 1 on web 51",
                        "anna (token tests) (enrolment token) enrolled a machine: web on web 51");
        assertThat(older.links("Older")).isEmpty();
        assertThat(older.text("h1")).isEqualTo("Audit log of web 51");
    }

    @Test
    void the_curl_command_gets_the_same_and_is_safe_to_paste_for_any_address() throws Exception {
        var web = server.enrol("web");
        assertThat(anna.open("/audit?host=" + web.hostId()).text("#curl"))
                .isEqualTo("curl -sS --fail-with-body -H \"Authorization: Bearer $TOKEN\" '" + server.url()
                        + "/api/audit?host=" + web.hostId() + "'");

        assertThat(anna.open("/audit?host=x%27;touch%20/tmp/pwned;%27%26cursor=y")
                        .text("#curl"))
                .isEqualTo("curl -sS --fail-with-body -H \"Authorization: Bearer $TOKEN\" '" + server.url()
                        + "/api/audit?host=x%27%3Btouch+%2Ftmp%2Fpwned%3B%27%26cursor%3Dy'");
    }

    @Test
    void changes_of_a_deleted_machine_stay() throws Exception {
        var web = server.enrol("web");
        server.api().delete("/api/hosts/" + web.hostId());

        assertThat(anna.open("/audit").texts(LINES).get(0)).isEqualTo("anna (token tests) deleted a machine: web");
    }
}
