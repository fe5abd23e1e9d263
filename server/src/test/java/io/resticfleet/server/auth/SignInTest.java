package io.resticfleet.server.auth;

import static io.resticfleet.server.auth.AuthServer.PASSWORD;
import static io.resticfleet.server.auth.AuthServer.json;
import static io.resticfleet.server.auth.AuthServer.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SignInTest {

    @RegisterExtension
    final AuthServer server = new AuthServer();

    @BeforeEach
    void first_user() throws Exception {
        server.bootstrap();
    }

    @Test
    void the_right_password_opens() throws Exception {
        var answer = server.login("Anna", PASSWORD);

        assertThat(outcome(answer)).isEqualTo("200");
        assertThat(json(answer).path("username").asText()).isEqualTo("anna");
        var cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie)
                .startsWith("rf_session=")
                .contains("Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=2592000")
                .doesNotContain("Secure");
        var me = server.get("/api/me", "Cookie", cookie.split(";")[0]);
        assertThat(json(me).path("username").asText()).isEqualTo("anna");
    }

    @Test
    void a_wrong_password_and_an_unknown_user_are_refused_alike() throws Exception {
        var wrong = server.login("anna", "wrong horse battery");
        var unknown = server.login("nobody", PASSWORD);

        assertThat(outcome(wrong)).isEqualTo("401 bad_credentials");
        assertThat(unknown.body()).isEqualTo(wrong.body());
        assertThat(wrong.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void nobody_comes_in_without_a_session() throws Exception {
        assertThat(outcome(server.get("/api/me"))).isEqualTo("401 unauthenticated");
        assertThat(outcome(server.get("/api/me", "Cookie", "rf_session=made-up")))
                .isEqualTo("401 unauthenticated");
        assertThat(outcome(server.get("/api/audit"))).isEqualTo("401 unauthenticated");
        assertThat(outcome(server.get("/open"))).isEqualTo("200");
    }

    @Test
    void guessing_is_slowed_down_for_one_user_and_patience_helps() throws Exception {
        var cookie = server.login();
        for (int attempt = 0; attempt < 5; attempt++) {
            assertThat(outcome(server.login("anna", "guess " + attempt))).isEqualTo("401 bad_credentials");
        }
        server.now = server.now.plus(Duration.ofMinutes(14));

        var refused = server.login("ANNA", PASSWORD);

        assertThat(outcome(refused)).isEqualTo("429 rate_limited");
        assertThat(refused.headers().firstValue("Retry-After")).contains("60");
        assertThat(outcome(server.login("bert", PASSWORD))).isEqualTo("401 bad_credentials");
        server.now = server.now.plus(Duration.ofMinutes(1));
        assertThat(outcome(server.login("anna", PASSWORD))).isEqualTo("200");
        assertThat(server.audited(cookie).stream().filter("auth.login_failed"::equals))
                .hasSize(6);
    }

    @Test
    void a_success_wipes_the_slate() throws Exception {
        for (int round = 0; round < 3; round++) {
            for (int attempt = 0; attempt < 4; attempt++) {
                server.login("anna", "guess");
            }
            assertThat(outcome(server.login("anna", PASSWORD))).isEqualTo("200");
        }
    }

    @Test
    void signing_out_ends_the_session() throws Exception {
        var cookie = server.login();

        var answer = server.send("POST", "/api/auth/logout", Map.of(), "Cookie", cookie);

        assertThat(outcome(answer)).isEqualTo("204");
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .startsWith("rf_session=;")
                .contains("Expires=Thu, 01 Jan 1970");
        assertThat(outcome(server.get("/api/me", "Cookie", cookie))).isEqualTo("401 unauthenticated");
        assertThat(outcome(server.send("POST", "/api/auth/logout", Map.of()))).isEqualTo("204");
        assertThat(server.audited(server.login()))
                .containsExactly("user.create", "auth.login", "auth.logout", "auth.login");
    }

    @Test
    void a_session_ends_after_seven_days_without_use() throws Exception {
        var cookie = server.login();

        server.now = server.now.plus(Duration.ofDays(6));
        assertThat(outcome(server.get("/api/me", "Cookie", cookie))).isEqualTo("200");
        server.now = server.now.plus(Duration.ofDays(6));
        assertThat(outcome(server.get("/api/me", "Cookie", cookie))).isEqualTo("200");
        server.now = server.now.plus(Duration.ofDays(7));
        assertThat(outcome(server.get("/api/me", "Cookie", cookie))).isEqualTo("401 unauthenticated");
    }

    @Test
    void a_session_ends_after_thirty_days_however_much_it_is_used() throws Exception {
        var cookie = server.login();

        for (int day = 1; day < 30; day++) {
            server.now = server.now.plus(Duration.ofDays(1));
            assertThat(outcome(server.get("/api/me", "Cookie", cookie))).isEqualTo("200");
        }
        server.now = server.now.plus(Duration.ofDays(1));
        assertThat(outcome(server.get("/api/me", "Cookie", cookie))).isEqualTo("401 unauthenticated");
    }

    @Test
    void use_is_written_down_at_most_once_a_minute() throws Exception {
        var cookie = server.login();
        var begun = server.now;

        server.now = begun.plusSeconds(59);
        server.get("/api/me", "Cookie", cookie);
        assertThat(lastUsed()).isEqualTo(begun);

        server.now = begun.plusSeconds(60);
        server.get("/api/me", "Cookie", cookie);
        assertThat(lastUsed()).isEqualTo(server.now);
    }

    @Test
    void neither_cookie_nor_password_is_in_the_database() throws Exception {
        var cookie = server.login();

        var everything = server.db()
                .<String>read(handle -> handle.createQuery(
                                "SELECT group_concat(token_sha256) || (SELECT group_concat(hash) FROM user_passwords) FROM sessions")
                        .mapTo(String.class)
                        .one());

        assertThat(everything)
                .contains("$argon2id$")
                .doesNotContain(cookie.substring("rf_session=".length()), PASSWORD);
    }

    @Test
    void a_user_without_a_password_cannot_sign_in_with_one_and_keeps_the_sessions_there_are() throws Exception {
        var cookie = server.login();

        server.db().write(tx -> tx.execute("DELETE FROM user_passwords"));

        assertThat(outcome(server.login("anna", PASSWORD))).isEqualTo("401 bad_credentials");
        assertThat(outcome(server.login("anna", ""))).isEqualTo("401 bad_credentials");
        assertThat(outcome(server.get("/api/me", "Cookie", cookie))).isEqualTo("200");
        assertThat(outcome(change(cookie, PASSWORD, "another horse altogether")))
                .isEqualTo("401 bad_credentials");
    }

    @Test
    void a_new_password_ends_all_other_sessions() throws Exception {
        var other = server.login();
        var mine = server.login();

        var answer = change(mine, PASSWORD, "another horse altogether");

        assertThat(outcome(answer)).isEqualTo("200");
        assertThat(outcome(server.get("/api/me", "Cookie", mine))).isEqualTo("200");
        assertThat(outcome(server.get("/api/me", "Cookie", other))).isEqualTo("401 unauthenticated");
        assertThat(outcome(server.login("anna", PASSWORD))).isEqualTo("401 bad_credentials");
        assertThat(outcome(server.login("anna", "another horse altogether"))).isEqualTo("200");
        assertThat(server.audited(mine)).contains("user.password_change");
    }

    @Test
    void a_new_password_needs_the_old_one_and_must_be_good() throws Exception {
        var cookie = server.login();

        assertThat(outcome(change(cookie, "wrong horse battery", "another horse altogether")))
                .isEqualTo("401 bad_credentials");
        assertThat(outcome(change(cookie, PASSWORD, "short"))).isEqualTo("400 weak_password");
        assertThat(outcome(server.login("anna", PASSWORD))).isEqualTo("200");
    }

    @Test
    void a_changed_password_lists_the_tokens_that_stay_and_ends_them_if_asked() throws Exception {
        var cookie = server.login();
        server.send("POST", "/api/tokens", Map.of("name", "ansible"), "Cookie", cookie);

        var kept = change(cookie, PASSWORD, "another horse altogether");
        assertThat(json(kept).at("/tokens/0/name").asText()).isEqualTo("ansible");

        var ended = server.send(
                "POST",
                "/api/auth/password",
                Map.of("current_password", "another horse altogether", "new_password", PASSWORD, "delete_tokens", true),
                "Cookie",
                cookie);
        assertThat(json(ended).path("tokens")).isEmpty();
        assertThat(json(server.get("/api/tokens", "Cookie", cookie)).path("items"))
                .isEmpty();
        assertThat(server.audited(cookie)).contains("token.delete");
    }

    @Test
    void no_password_gets_into_the_audit_log() throws Exception {
        server.login("my secret pass phrase", "x");
        server.login("nobody", "guess of a password");

        var log = server.get("/api/audit", "Cookie", server.login()).body();

        assertThat(log).contains("nobody", "not a username").doesNotContain("pass phrase", "guess of", PASSWORD);
    }

    private Instant lastUsed() {
        return server.db()
                .read(handle -> handle.createQuery("SELECT last_used_at FROM sessions")
                        .mapTo(Instant.class)
                        .one());
    }

    private HttpResponse<String> change(String cookie, String current, String next) throws Exception {
        return server.send(
                "POST",
                "/api/auth/password",
                Map.of("current_password", current, "new_password", next),
                "Cookie",
                cookie);
    }
}
