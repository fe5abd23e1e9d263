package io.resticfleet.server.page.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.ApiClient;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The user's own password, and API tokens. */
class SettingsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;

    @BeforeEach
    void signIn() {
        anna = PageClient.signedIn(server);
    }

    @Test
    void an_invalid_change_of_the_password_is_refused_beside_its_field() throws Exception {
        for (var wrong : List.of(
                List.of(
                        "wrong horse",
                        "another horse",
                        "another horse",
                        "current_password",
                        "the current password is wrong"),
                List.of(
                        "correct horse",
                        "short",
                        "short",
                        "new_password",
                        "a password has 8 to 200 characters; this one has 5"),
                List.of("correct horse", "another horse", "another house", "again", "the two passwords differ"))) {
            var refused = change(wrong.get(0), wrong.get(1), wrong.get(2));
            assertThat(refused.text("#" + wrong.get(3) + "-wrong")).isEqualTo(wrong.get(4));
            assertThat(refused.only("[aria-invalid]").id()).isEqualTo(wrong.get(3));
            assertThat(refused.select(".wrong")).hasSize(1);
        }
        assertThat(login("correct horse")).isEqualTo("200");
    }

    @Test
    void a_changed_password_ends_the_other_sessions_and_keeps_this_one() throws Exception {
        var other = PageClient.anonymous(server);
        var home = other.open("/login")
                .form("Sign in")
                .fill("User name", "anna")
                .fill("Password", "correct horse")
                .submit();
        assertThat(home.path()).isEqualTo("/");

        var changed = change("correct horse", "another horse", "another horse");
        assertThat(changed.text(".banner.ok"))
                .isEqualTo(
                        "Your password was changed, and your other sessions were signed out. The API tokens below stay"
                                + " valid: delete those that others may know.");

        assertThat(anna.open("/settings").text("h1")).isEqualTo("Settings");
        assertThat(other.open("/settings").text("h1")).isEqualTo("Sign in");
        assertThat(login("correct horse")).isEqualTo("401 bad_credentials");
        assertThat(login("another horse")).isEqualTo("200");
    }

    @Test
    void a_token_is_shown_once_works_with_the_api_and_ends_when_it_is_deleted() throws Exception {
        var refused = create(" ");
        assertThat(refused.text("#name-wrong")).isEqualTo("a token's name is 1 to 100 characters on one line");

        var created = create("ansible");
        assertThat(created.text("#tokens .banner")).contains("Copy this token now: it is shown only once.");
        var token = created.text("#minted");
        assertThat(created.text("#try-line"))
                .isEqualTo("curl -sS --fail-with-body -H 'Authorization: Bearer " + token + "' '" + server.url()
                        + "/api/hosts'");
        assertThat(row(created, "ansible").text()).contains("never");
        assertThat(use(token)).isEqualTo("200");

        var again = anna.open("/settings");
        assertThat(row(again, "ansible").text()).contains("just now");
        assertThat(again.source()).doesNotContain(token);

        var deleted = again.press("Delete the token ansible");
        assertThat(deleted.texts("#tokens tbody tr td:first-child")).containsExactly("tests");
        assertThat(use(token)).isEqualTo("401 bad_token");
    }

    @Test
    void a_token_gets_the_scopes_that_are_ticked_until_it_expires() throws Exception {
        var form = anna.open("/settings").form("Create token");
        for (var scope : List.of("read", "run", "write", "restore", "metrics")) {
            form.uncheck(scope);
        }
        var refused = form.fill("New token", "graphs").submit();
        assertThat(refused.text("#scope-wrong")).isEqualTo("tick at least one");
        assertThat(refused.only("#name").attr("value")).isEqualTo("graphs");

        var created = refused.form("Create token")
                .check("metrics")
                .check("read")
                .select("Expires", "7")
                .submit();
        var token = created.text("#minted");
        assertThat(row(created, "graphs").text()).contains("read, metrics").contains("8 Mar");
        assertThat(row(created, "tests").text()).contains("everything");
        assertThat(use(token)).isEqualTo("200");
        assertThat(server.api()
                        .request("POST", "/api/hosts/x/run", "", "Authorization", "Bearer " + token)
                        .outcome())
                .isEqualTo("403 scope_missing");

        server.clock().advance(Duration.ofDays(7));

        assertThat(use(token)).isEqualTo("401 bad_token");
        var later = PageClient.anonymous(server);
        later.open("/login")
                .form("Sign in")
                .fill("User name", "anna")
                .fill("Password", "correct horse")
                .submit();
        assertThat(row(later.open("/settings"), "graphs").text()).contains("expired");
    }

    @Test
    void the_same_with_curl_is_in_a_closed_box() throws Exception {
        var page = anna.open("/settings");

        var box = page.only("details.curl");
        assertThat(box.hasAttr("open")).isFalse();
        assertThat(box.expectFirst("summary").text()).isEqualTo("Get this with curl");
        assertThat(page.text("#curl"))
                .isEqualTo("curl -sS --fail-with-body -H \"Authorization: Bearer $TOKEN\" '" + server.url()
                        + "/api/tokens'");
    }

    private static Element row(HtmlPage page, String token) {
        return page.only("#tokens tbody tr:contains(" + token + ")");
    }

    private HtmlPage create(String token) throws Exception {
        return anna.open("/settings")
                .form("Create token")
                .fill("New token", token)
                .submit();
    }

    private HtmlPage change(String current, String wanted, String again) throws Exception {
        return anna.open("/settings")
                .form("Change password")
                .fill("Current password", current)
                .fill("New password", wanted)
                .fill("Repeat password", again)
                .submit();
    }

    private String login(String password) throws Exception {
        return server.api()
                .request("POST", "/api/auth/login", ApiClient.json(Map.of("username", "anna", "password", password)))
                .outcome();
    }

    private String use(String token) throws Exception {
        return server.api()
                .request("GET", "/api/hosts", "", "Authorization", "Bearer " + token)
                .outcome();
    }
}
