package io.resticfleet.server.auth;

import static io.resticfleet.server.auth.AuthServer.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.server.web.Network;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthGateTest {

    @Nested
    class Reached_directly {

        @RegisterExtension
        final AuthServer server = new AuthServer();

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://evil.example",
                    "http://127.0.0.1",
                    "http://127.0.0.1:1",
                    "http://localhost:PORT",
                    "https://127.0.0.1:PORT",
                    "http://127.0.0.1:PORT.evil.example",
                    "null",
                    "nonsense"
                })
        void a_page_of_another_site_changes_nothing(String origin) throws Exception {
            var page = origin.replace("PORT", Integer.toString(server.port()));

            assertThat(outcome(server.send("POST", "/open", Map.of(), "Origin", page)))
                    .isEqualTo("403 bad_origin");
            assertThat(outcome(server.get("/open", "Origin", page))).isEqualTo("200");
            assertThatThrownBy(() -> socket(server, page)).satisfies(AuthGateTest::isForbidden);
        }

        @Test
        void our_own_page_and_programs_may() throws Exception {
            var own = "http://127.0.0.1:" + server.port();

            assertThat(outcome(server.send("POST", "/open", Map.of(), "Origin", own)))
                    .isEqualTo("200");
            assertThat(outcome(server.send("POST", "/open", Map.of()))).isEqualTo("200");
            assertThat(outcome(server.send("POST", "/open", Map.of(), "Sec-Fetch-Site", "same-origin")))
                    .isEqualTo("200");
            socket(server, own).abort();
            socket(server, "").abort();
        }

        @Test
        void a_request_that_the_browser_calls_foreign_is_refused() throws Exception {
            assertThat(outcome(server.send("POST", "/open", Map.of(), "Sec-Fetch-Site", "cross-site")))
                    .isEqualTo("403 bad_origin");
        }

        @Test
        void a_cookie_changes_something_only_if_the_browser_names_our_page() throws Exception {
            server.bootstrap();
            var cookie = server.login();

            assertThat(outcome(server.send("POST", "/whoami", Map.of(), "Cookie", cookie, "Sec-Fetch-Site", "none")))
                    .isEqualTo("403 bad_origin");
            assertThat(outcome(server.send("POST", "/open", Map.of(), "Cookie", cookie, "Sec-Fetch-Site", "same-site")))
                    .isEqualTo("403 bad_origin");
            assertThat(outcome(server.send(
                            "POST", "/whoami", Map.of(), "Cookie", cookie, "Sec-Fetch-Site", "same-origin")))
                    .isEqualTo("200");
            assertThat(outcome(server.send("POST", "/whoami", Map.of(), "Cookie", cookie)))
                    .isEqualTo("200");
            assertThat(outcome(server.get("/api/me", "Cookie", cookie, "Sec-Fetch-Site", "none")))
                    .isEqualTo("200");
        }

        @Test
        void anybody_can_say_that_he_is_forwarded() throws Exception {
            var answer = server.send(
                    "POST", "/open", Map.of(), "X-Forwarded-For", "192.0.2.7", "X-Forwarded-Proto", "https");

            assertThat(answer.body()).isEqualTo("127.0.0.1 http://127.0.0.1:" + server.port());
        }
    }

    @Nested
    class Behind_a_proxy {

        @RegisterExtension
        final AuthServer server = new AuthServer(
                Optional.of(URI.create("https://backup.example.org")),
                List.of(Network.parse("127.0.0.0/8"), Network.parse("10.1.2.3")));

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "192.0.2.7                       | 192.0.2.7",
                    "6.6.6.6, 192.0.2.7              | 192.0.2.7",
                    "6.6.6.6, 192.0.2.7, 10.1.2.3    | 192.0.2.7",
                    "6.6.6.6, 192.0.2.7, 10.1.2.4    | 10.1.2.4",
                    "192.0.2.7:4711                  | 192.0.2.7",
                    "2001:db8::7                     | 2001:db8:0:0:0:0:0:7",
                    "[2001:db8::7]:4711              | 2001:db8:0:0:0:0:0:7",
                    "6.6.6.6, unknown                | 127.0.0.1",
                    "10.1.2.3                        | 10.1.2.3",
                })
        void the_client_is_the_nearest_that_is_no_trusted_proxy(String forwarded, String client) throws Exception {
            var answer = server.send("POST", "/open", Map.of(), "X-Forwarded-For", forwarded);

            assertThat(answer.body()).isEqualTo(client + " https://backup.example.org");
        }

        @ParameterizedTest
        @CsvSource({
            "https://backup.example.org, 200",
            "https://backup.example.org:443, 200",
            "https://BACKUP.example.org, 200",
            "http://backup.example.org, 403 bad_origin",
            "https://backup.example.org.evil.example, 403 bad_origin",
            "http://127.0.0.1:PORT, 403 bad_origin",
            "https://127.0.0.1:PORT, 403 bad_origin",
        })
        void the_page_of_the_public_url_is_ours(String origin, String outcome) throws Exception {
            var page = origin.replace("PORT", Integer.toString(server.port()));

            assertThat(outcome(server.send("POST", "/open", Map.of(), "Origin", page)))
                    .isEqualTo(outcome);
        }

        @Test
        void the_cookie_travels_by_https_only() throws Exception {
            server.bootstrap();

            var answer = server.login("anna", AuthServer.PASSWORD);
            var cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();

            assertThat(cookie)
                    .startsWith("__Host-rf_session=")
                    .contains("; Secure", "Path=/")
                    .doesNotContain("Domain");
            assertThat(answer.headers().firstValue("Strict-Transport-Security")).hasValue("max-age=300");
            var session = cookie.split(";")[0];
            assertThat(outcome(server.get("/api/me", "Cookie", session))).isEqualTo("200");
            assertThat(outcome(server.get("/api/me", "Cookie", session.replace("__Host-", ""))))
                    .isEqualTo("401 unauthenticated");
            assertThat(outcome(server.send(
                            "POST", "/whoami", Map.of(), "Cookie", session, "Sec-Fetch-Site", "same-origin")))
                    .isEqualTo("403 bad_origin");
        }

        @Test
        void guessing_is_slowed_down_for_one_address_and_not_for_others() throws Exception {
            server.bootstrap();
            for (int attempt = 0; attempt < 30; attempt++) {
                guess("user" + attempt, "2001:db8::" + attempt);
            }

            assertThat(guess("anna", "2001:db8::ffff")).isEqualTo("429 rate_limited");
            assertThat(guess("anna", "2001:db8:1::1")).isEqualTo("401 bad_credentials");
        }

        @Test
        void a_crowd_of_guessers_waits_elsewhere_than_at_the_password_hash() throws Exception {
            server.bootstrap();
            server.login();
            server.restart();
            var crowd = new ArrayList<CompletableFuture<String>>();
            var threads = Executors.newFixedThreadPool(60);
            try {
                for (int guesser = 0; guesser < 60; guesser++) {
                    var address = "2001:db8:" + guesser + "::1";
                    crowd.add(CompletableFuture.supplyAsync(() -> guessIn(address), threads));
                }
                // from where somebody has signed in before
                assertThat(outcome(server.login("anna", AuthServer.PASSWORD))).isEqualTo("200");

                assertThat(crowd.stream().map(CompletableFuture::join).toList())
                        .contains("429 rate_limited", "401 bad_credentials")
                        .containsOnly("429 rate_limited", "401 bad_credentials");
            } finally {
                threads.shutdown();
            }
        }

        private String guessIn(String address) {
            try {
                return guess("anna", address);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }

        private String guess(String username, String address) throws Exception {
            return outcome(server.send(
                    "POST",
                    "/api/auth/login",
                    Map.of("username", username, "password", "guess"),
                    "X-Forwarded-For",
                    address));
        }
    }

    @Nested
    class Behind_a_proxy_without_a_public_url {

        @RegisterExtension
        final AuthServer server = new AuthServer(Optional.empty(), List.of(Network.parse("127.0.0.1")));

        @Test
        void the_scheme_is_taken_from_the_proxy() throws Exception {
            server.bootstrap();
            var ours = "https://127.0.0.1:" + server.port();

            var answer = server.send(
                    "POST",
                    "/api/auth/login",
                    Map.of("username", "anna", "password", AuthServer.PASSWORD),
                    "X-Forwarded-Proto",
                    "https",
                    "Origin",
                    ours);

            assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow()).contains("; Secure");
        }
    }

    private static WebSocket socket(AuthServer server, String origin) {
        var builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (!origin.isEmpty()) {
            builder.header("Origin", origin);
        }
        return builder.buildAsync(
                        URI.create("ws://127.0.0.1:" + server.port() + "/socket"), new WebSocket.Listener() {})
                .join();
    }

    private static void isForbidden(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(WebSocketHandshakeException.class);
        var handshake = (WebSocketHandshakeException) thrown.getCause();
        assertThat(handshake.getResponse().statusCode()).isEqualTo(403);
    }
}
