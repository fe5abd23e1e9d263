package io.resticfleet.server.page.account;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.Visitor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The first start, signing in and out, and what happens to those who are not signed in. */
class SignInPageTest {

    private static final String FORM = "application/x-www-form-urlencoded";

    /** What some browser or other takes for an address elsewhere, or for more than an address. */
    private static final List<String> ELSEWHERE = List.of(
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "evil.example",
            " //evil.example",
            "/\r\nSet-Cookie: rf_session=x",
            "/\u560d\u560aSet-Cookie: rf_session=x",
            "/x\\..\\evil",
            "");

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void the_first_start_asks_for_the_bootstrap_token_and_makes_the_first_user() throws Exception {
        forgetEverything();
        chromium.expect("status of 40");
        var page = chromium.page();
        page.navigate(server.url() + "/hosts/new");
        assertThat(page).hasURL(server.url() + "/setup");
        assertThat(page.getByText("it was printed when the server started")).isVisible();

        setUp(page, "not the token", "berta", "correct horse", "correct horse");
        assertThat(page.locator("#token-wrong")).hasText("this is not the bootstrap token");
        assertThat(page.getByLabel("Bootstrap token")).hasAttribute("aria-invalid", "true");
        assertThat(page.getByLabel("User name")).hasValue("berta");

        var token = Files.readString(server.directory().resolve("bootstrap-token"));
        setUp(page, token, "berta", "correct horse", "correct house");
        assertThat(page.locator("#again-wrong")).hasText("the two passwords differ");
        setUp(page, token, "two words", "correct horse", "correct horse");
        assertThat(page.locator("#username-wrong")).containsText("a username is 1 to 64 of");
        setUp(page, token, "berta", "12345678\ud83d\ude00".repeat(30), "12345678\ud83d\ude00".repeat(30));
        assertThat(page.locator("#password-wrong")).containsText("8 to 200 characters");

        setUp(page, token, "berta", "correct horse", "correct horse");
        assertThat(page).hasURL(server.url() + "/");
        assertThat(page.locator("h1")).hasText("No machines yet");
        assertThat(page.locator(".who .name")).hasText("berta");

        page.navigate(server.url() + "/setup");
        assertThat(page.locator("h1")).hasText("Sign in");
    }

    @Test
    void whoever_knows_the_password_gets_in_and_out_again() {
        chromium.expect("status of 401");
        var page = chromium.page();
        page.navigate(server.url());
        assertThat(page).hasURL(server.url() + "/login");
        assertThat(page.getByLabel("User name")).isFocused();

        signIn(page, "anna", "wrong horse");
        assertThat(page.getByRole(AriaRole.ALERT)).hasText("username or password is wrong");
        assertThat(page.getByLabel("User name")).hasValue("anna");
        assertThat(page.getByLabel("Password")).hasValue("");
        assertThat(page.getByLabel("Password")).isFocused();

        signIn(page, "ANNA", "correct horse");
        assertThat(page).hasURL(server.url() + "/");
        assertThat(page.locator(".who .name")).hasText("anna");

        button(page, "Sign out").click();
        assertThat(page).hasURL(server.url() + "/login");
        page.goBack();
        assertThat(page.locator("h1")).hasText("Sign in");
    }

    @Test
    void who_tries_too_often_is_told_when_to_come_back() throws Exception {
        for (int i = 0; i < 5; i++) {
            server.request(
                    "POST", "/api/auth/login", TestServer.json(Map.of("username", "anna", "password", "wrong" + i)));
        }
        chromium.expect("status of 429");
        var page = chromium.page();
        page.navigate(server.url() + "/login");

        signIn(page, "anna", "correct horse");

        assertThat(page.getByRole(AriaRole.ALERT)).hasText("too many attempts; try again in 900 s");
        assertThat(page.getByLabel("User name")).hasValue("anna");
    }

    @Test
    void a_page_asked_for_without_a_session_leads_to_the_door_and_back() throws Exception {
        var web = server.enrol("web");
        var asked = "/hosts/" + web.hostId() + "/schedules/new?kind=forget&x=a%20b";
        var page = chromium.page();
        page.navigate(server.url() + asked);
        assertThat(page.locator("h1")).hasText("Sign in");

        signIn(page, "anna", "correct horse");

        assertThat(page).hasURL(server.url() + asked);
        assertThat(page.getByText("New forget schedule")).isVisible();
    }

    @Test
    void after_signing_in_nobody_is_sent_to_another_site() throws Exception {
        for (var next : ELSEWHERE) {
            var form = server.request("GET", "/login?next=" + encode(next), "");
            assertThat(form.text()).as("form for %s", next).contains("name=\"next\" value=\"/\"");
            assertThat(location("anna", next)).as("where %s leads", next).isEqualTo("/");
        }
        assertThat(location("anna", "/audit?host=x")).isEqualTo("/audit?host=x");

        var page = chromium.page();
        page.navigate(server.url() + "/login?next=" + encode("/\\evil.example"));
        signIn(page, "anna", "correct horse");
        assertThat(page).hasURL(server.url() + "/");
    }

    @Test
    void a_click_after_the_session_has_ended_says_so_and_loses_nothing_that_was_typed() throws Exception {
        var web = server.enrol("web");
        var path = "/hosts/" + web.hostId() + "/schedules";
        var context = chromium.person();
        var page = Visitor.signedIn(server, context).open(path + "/new?kind=backup");
        page.getByLabel("Paths").fill("/srv/typed for long");
        chromium.expect("status of 401");
        context.clearCookies();

        button(page, "Save").click();
        assertThat(page.locator(".toast"))
                .containsText("You are signed out. Sign in in another tab, then continue here.");
        button(page, "Save").click();
        assertThat(page.locator("form.htmx-request")).hasCount(0);
        assertThat(page.locator(".toast")).hasCount(1);
        assertThat(page.getByLabel("Paths")).hasValue("/srv/typed for long");

        Visitor.signedIn(server, context);
        button(page, "Save").click();
        assertThat(page).hasURL(server.url() + path);
        assertThat(page.locator(".schedule")).containsText("/srv/typed for long");
    }

    @Test
    void a_session_that_ends_meanwhile_leads_to_the_door_unless_something_was_typed() throws Exception {
        var web = server.enrol("web");
        var context = chromium.person();
        var anna = Visitor.signedIn(server, context);
        var form = openWithStream(anna, "/hosts/" + web.hostId() + "/schedules/new?kind=backup");
        var list = openWithStream(anna, "/hosts/" + web.hostId() + "/schedules");
        form.getByLabel("Paths").fill("/srv/typed for long");
        chromium.expect("status of 401");
        context.clearCookies();

        server.skipped = Duration.ofSeconds(61); // streams end, and browsers ask for new ones
        server.enrol("other");

        assertThat(list.locator("h1")).hasText("Sign in");
        assertThat(form.locator(".toast")).containsText("You are signed out.");
        assertThat(form.getByLabel("Paths")).hasValue("/srv/typed for long");
    }

    /** Not by a reload, for then the answer may be that to the page before. */
    private Page openWithStream(Visitor visitor, String path) {
        var page = visitor.tab();
        page.waitForResponse(response -> response.url().contains("_live="), () -> page.navigate(server.url() + path));
        return page;
    }

    private void forgetEverything() throws Exception {
        server.stop();
        for (var name : List.of("restic-fleet.db", "restic-fleet.db-wal", "restic-fleet.db-shm", "secret.key")) {
            Files.deleteIfExists(server.directory().resolve(name));
        }
        server.start();
    }

    private static void setUp(Page page, String token, String username, String password, String again) {
        page.getByLabel("Bootstrap token").fill(token);
        page.getByLabel("User name").fill(username);
        page.getByLabel("Password", new Page.GetByLabelOptions().setExact(true)).fill(password);
        page.getByLabel("Repeat password").fill(again);
        button(page, "Create user").click();
    }

    private static void signIn(Page page, String username, String password) {
        page.getByLabel("User name").fill(username);
        page.getByLabel("Password").fill(password);
        button(page, "Sign in").click();
    }

    private String location(String username, String next) throws Exception {
        var body = "username=" + username + "&password=" + encode("correct horse") + "&next=" + encode(next);
        var answer = server.request("POST", "/login", body, "Content-Type", FORM);
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.headers().allValues("Set-Cookie")).hasSize(1);
        return answer.headers().firstValue("Location").orElse("");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
