package io.resticfleet.server.page.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.ApiClient;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The first start, and signing in. */
class SignInPageTest {

    private static final String FORM = "application/x-www-form-urlencoded";

    /** Each is taken by some browser for an address on another site, or for more than an address. */
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

    private PageClient stranger;

    @BeforeEach
    void arrive() {
        stranger = PageClient.anonymous(server);
    }

    @Test
    void the_first_start_asks_for_the_bootstrap_token_and_creates_the_first_user() throws Exception {
        deleteDatabase();
        var welcome = stranger.open("/hosts/new");
        assertThat(welcome.path()).isEqualTo("/setup");
        assertThat(welcome.text("main")).contains("it was printed when the server started");

        var badToken = setUp("not the token", "berta", "correct horse", "correct horse");
        assertThat(badToken.text("#token-wrong")).isEqualTo("this is not the bootstrap token");
        assertThat(badToken.field("Bootstrap token").attr("aria-invalid")).isEqualTo("true");
        assertThat(badToken.value("User name")).isEqualTo("berta");

        var token = Files.readString(server.directory().resolve("bootstrap-token"));
        assertThat(setUp(token, "berta", "correct horse", "correct house").text("#again-wrong"))
                .isEqualTo("the two passwords differ");
        assertThat(setUp(token, "two words", "correct horse", "correct horse").text("#username-wrong"))
                .contains("a username is 1 to 64 of");
        var tooLong = "12345678\ud83d\ude00".repeat(30);
        assertThat(setUp(token, "berta", tooLong, tooLong).text("#password-wrong"))
                .contains("8 to 200 characters");

        var home = setUp(token, "berta", "correct horse", "correct horse");
        assertThat(home.path()).isEqualTo("/");
        assertThat(home.text("h1")).isEqualTo("No machines yet");
        assertThat(home.text(".who .name")).isEqualTo("berta");

        assertThat(stranger.open("/setup").text("h1")).isEqualTo("Sign in");
    }

    @Test
    void the_password_signs_in_and_a_wrong_one_does_not() throws Exception {
        var form = stranger.open("/");
        assertThat(form.path()).isEqualTo("/login");

        var refused = signIn(form, "anna", "wrong horse");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.text("[role=alert]")).isEqualTo("username or password is wrong");
        assertThat(refused.value("User name")).isEqualTo("anna");
        assertThat(refused.value("Password")).isEmpty();

        var home = signIn(refused, "ANNA", "correct horse");
        assertThat(home.path()).isEqualTo("/");
        assertThat(home.text(".who .name")).isEqualTo("anna");

        assertThat(home.press("Sign out").path()).isEqualTo("/login");
        assertThat(stranger.open("/").text("h1")).isEqualTo("Sign in");
    }

    @Test
    void after_too_many_attempts_the_page_states_when_to_try_again() throws Exception {
        for (int i = 0; i < 5; i++) {
            server.api()
                    .request(
                            "POST",
                            "/api/auth/login",
                            ApiClient.json(Map.of("username", "anna", "password", "wrong" + i)));
        }

        var refused = signIn(stranger.open("/login"), "anna", "correct horse");

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.text("[role=alert]")).isEqualTo("too many attempts; try again in 900 s");
        assertThat(refused.value("User name")).isEqualTo("anna");
    }

    @Test
    void a_page_requested_without_a_session_is_shown_after_signing_in() throws Exception {
        var web = server.enrol("web");
        var requested = "/hosts/" + web.hostId() + "/schedules/new?kind=forget&x=a%20b";
        var form = stranger.open(requested);
        assertThat(form.text("h1")).isEqualTo("Sign in");

        var page = signIn(form, "anna", "correct horse");

        assertThat(page.path()).isEqualTo(requested);
        assertThat(page.text("#form-title")).isEqualTo("New forget schedule");
    }

    @Test
    void signing_in_redirects_to_no_other_site() throws Exception {
        for (var next : ELSEWHERE) {
            var form = stranger.open("/login?next=" + encode(next));
            assertThat(form.only("[name=next]").attr("value"))
                    .as("form for %s", next)
                    .isEqualTo("/");
            assertThat(location(next)).as("redirect for %s", next).isEqualTo("/");
        }
        assertThat(location("/audit?host=x")).isEqualTo("/audit?host=x");

        var form = stranger.open("/login?next=" + encode("/\\evil.example"));
        assertThat(signIn(form, "anna", "correct horse").path()).isEqualTo("/");
    }

    private void deleteDatabase() throws Exception {
        server.stop();
        for (var name : List.of("restic-fleet.db", "restic-fleet.db-wal", "restic-fleet.db-shm", "secret.key")) {
            Files.deleteIfExists(server.directory().resolve(name));
        }
        server.start();
    }

    private HtmlPage setUp(String token, String username, String password, String again) throws Exception {
        return stranger.open("/setup")
                .form("Create user")
                .fill("Bootstrap token", token.strip())
                .fill("User name", username)
                .fill("Password", password)
                .fill("Repeat password", again)
                .submit();
    }

    private static HtmlPage signIn(HtmlPage page, String username, String password) throws Exception {
        return page.form("Sign in")
                .fill("User name", username)
                .fill("Password", password)
                .submit();
    }

    /** Where the response to a form with this {@code next} redirects. */
    private String location(String next) throws Exception {
        var body = "username=anna&password=" + encode("correct horse") + "&next=" + encode(next);
        var response = server.api().request("POST", "/login", body, "Content-Type", FORM);
        assertThat(response.status()).isEqualTo(303);
        assertThat(response.headers().allValues("Set-Cookie")).hasSize(1);
        return response.headers().firstValue("Location").orElse("");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
