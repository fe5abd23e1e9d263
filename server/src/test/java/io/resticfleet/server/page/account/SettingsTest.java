package io.resticfleet.server.page.account;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
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

/** One's own password, and tokens for programs. */
class SettingsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private Page page;

    @BeforeEach
    void signIn() {
        chromium.expect("status of 400");
        page = Visitor.signedIn(server, chromium.person()).open("/settings");
    }

    @Test
    void a_wrong_change_of_the_password_is_refused_beside_its_field() throws Exception {
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
            change(wrong.get(0), wrong.get(1), wrong.get(2));
            assertThat(page.locator("#" + wrong.get(3) + "-wrong")).hasText(wrong.get(4));
            assertThat(page.locator("#" + wrong.get(3))).isFocused();
            assertThat(page.locator(".wrong")).hasCount(1);
        }
        assertThat(login("correct horse")).isEqualTo("200");
    }

    @Test
    void a_changed_password_ends_the_other_sessions_and_keeps_this_one() throws Exception {
        var other = chromium.page();
        other.navigate(server.url() + "/login");
        other.getByLabel("User name").fill("anna");
        other.getByLabel("Password").fill("correct horse");
        button(other, "Sign in").click();
        assertThat(other).hasURL(server.url() + "/");

        change("correct horse", "another horse", "another horse");
        assertThat(page.locator(".banner.ok"))
                .hasText("Your password was changed, and your other sessions were signed out.");

        page.navigate(server.url() + "/settings");
        assertThat(page.locator("h1")).hasText("Settings");
        other.navigate(server.url() + "/settings");
        assertThat(other.locator("h1")).hasText("Sign in");
        assertThat(login("correct horse")).isEqualTo("401 bad_credentials");
        assertThat(login("another horse")).isEqualTo("200");
    }

    @Test
    void a_token_is_shown_once_works_with_the_api_and_ends_when_it_is_deleted() throws Exception {
        page.getByLabel("New token").fill(" ");
        button(page, "Create token").click();
        assertThat(page.locator("#name-wrong")).hasText("a token's name is 1 to 100 characters on one line");

        page.getByLabel("New token").fill("ansible");
        button(page, "Create token").click();
        assertThat(page.locator("#tokens .banner")).containsText("Copy this token now: it is shown only once.");
        var token = page.locator("#minted").textContent();
        assertThat(page.locator("#try-line"))
                .hasText("curl -fsS -H 'Authorization: Bearer " + token + "' '" + server.url() + "/api/hosts'");
        assertThat(row("ansible")).containsText("never");
        assertThat(use(token)).isEqualTo("200");

        page.reload();
        assertThat(row("ansible")).containsText("just now");
        assertThat(page.content()).doesNotContain(token);

        button(page, "Delete the token ansible").click();
        assertThat(page.locator("tbody tr td:first-child")).hasText(new String[] {"tests"});
        assertThat(use(token)).isEqualTo("401 bad_token");
    }

    @Test
    void the_same_with_curl_is_one_click_away() {
        assertThat(page.locator("#curl")).isHidden();

        page.getByText("Get this with curl").click();

        assertThat(page.locator("#curl"))
                .hasText("curl -fsS -H \"Authorization: Bearer $TOKEN\" '" + server.url() + "/api/tokens'");
    }

    private Locator row(String token) {
        return page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText(token));
    }

    private void change(String current, String wanted, String again) {
        page.getByLabel("Current password").fill(current);
        page.getByLabel("New password").fill(wanted);
        page.getByLabel("Repeat password").fill(again);
        button(page, "Change password").click();
    }

    private String login(String password) throws Exception {
        return server.request(
                        "POST", "/api/auth/login", TestServer.json(Map.of("username", "anna", "password", password)))
                .outcome();
    }

    private String use(String token) throws Exception {
        return server.request("GET", "/api/hosts", "", "Authorization", "Bearer " + token)
                .outcome();
    }
}
