package io.resticfleet.server.auth;

import static io.resticfleet.server.auth.AuthServer.PASSWORD;
import static io.resticfleet.server.auth.AuthServer.json;
import static io.resticfleet.server.auth.AuthServer.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ApiTokensTest {

    @RegisterExtension
    final AuthServer server = new AuthServer();

    private String cookie;

    @BeforeEach
    void signed_in() throws Exception {
        server.bootstrap();
        cookie = server.login();
    }

    @Test
    void a_token_stands_for_its_maker_and_is_shown_once() throws Exception {
        var made = make("ansible");
        var token = made.path("token").asText();

        assertThat(token).startsWith("rf_").hasSize(46);
        assertThat(made.path("created_at").asText()).isEqualTo("2026-03-01T12:00:00Z");
        var me = json(server.get("/api/me", "Authorization", "Bearer " + token));
        assertThat(me.path("username").asText()).isEqualTo("anna");
        assertThat(me.path("token").asText()).isEqualTo("ansible");
        var list = server.get("/api/tokens", "Authorization", "Bearer " + token);
        assertThat(json(list).at("/items/0/name").asText()).isEqualTo("ansible");
        assertThat(json(list).at("/items/0/last_used_at").asText()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(list.body()).doesNotContain(token);
    }

    @Test
    void a_deleted_token_is_refused_at_once() throws Exception {
        var made = make("ansible");
        var bearer = "Bearer " + made.path("token").asText();
        var path = "/api/tokens/" + made.path("id").asText();

        assertThat(outcome(server.send("DELETE", path, Map.of(), "Cookie", cookie)))
                .isEqualTo("204");

        assertThat(outcome(server.get("/api/me", "Authorization", bearer))).isEqualTo("401 bad_token");
        assertThat(outcome(server.send("DELETE", path, Map.of(), "Cookie", cookie)))
                .isEqualTo("404 not_found");
        assertThat(server.audited(cookie)).containsExactly("user.create", "auth.login", "token.create", "token.delete");
    }

    @Test
    void a_bad_token_is_refused_even_beside_a_good_session() throws Exception {
        assertThat(outcome(server.get("/api/me", "Authorization", "Bearer rf_made-up", "Cookie", cookie)))
                .isEqualTo("401 bad_token");
    }

    @Test
    void a_token_can_make_tokens_but_not_change_the_password() throws Exception {
        var bearer = "Bearer " + make("ansible").path("token").asText();

        assertThat(outcome(server.send("POST", "/api/tokens", Map.of("name", "second"), "Authorization", bearer)))
                .isEqualTo("201");
        assertThat(outcome(server.send(
                        "POST",
                        "/api/auth/password",
                        Map.of("current_password", PASSWORD, "new_password", "another horse"),
                        "Authorization",
                        bearer)))
                .isEqualTo("403 session_required");
    }

    @Test
    void what_a_token_does_is_written_down_under_its_name() throws Exception {
        var bearer = "Bearer " + make("ansible").path("token").asText();

        server.send("POST", "/api/tokens", Map.of("name", "second"), "Authorization", bearer);

        var newest = json(server.get("/api/audit?limit=1", "Cookie", cookie));
        assertThat(newest.at("/items/0/actor").asText()).isEqualTo("anna (token ansible)");
        assertThat(newest.at("/items/0/detail/name").asText()).isEqualTo("second");
        assertThat(newest.at("/items/0/address").asText()).isEqualTo("127.0.0.1");
    }

    @Test
    void a_token_makes_none_that_may_do_more_or_lasts_longer() throws Exception {
        var made = json(server.send(
                "POST",
                "/api/tokens",
                Map.of("name", "narrow", "scopes", List.of("write", "read"), "expires_at", "2026-03-02T12:00:00Z"),
                "Cookie",
                cookie));
        assertThat(made.path("scopes")).extracting(JsonNode::asText).containsExactly("read", "write");
        assertThat(made.path("expires_at").asText()).isEqualTo("2026-03-02T12:00:00Z");
        var bearer = "Bearer " + made.path("token").asText();

        var same = json(server.send("POST", "/api/tokens", Map.of("name", "same"), "Authorization", bearer));
        assertThat(same.path("scopes")).extracting(JsonNode::asText).containsExactly("read", "write");
        assertThat(same.path("expires_at").asText()).isEqualTo("2026-03-02T12:00:00Z");
        for (var wider : List.of(List.of("run"), List.of("read", "restore"), List.of("metrics"))) {
            assertThat(outcome(server.send(
                            "POST", "/api/tokens", Map.of("name", "x", "scopes", wider), "Authorization", bearer)))
                    .isEqualTo("403 scope_missing");
        }
        assertThat(outcome(server.send(
                        "POST",
                        "/api/tokens",
                        Map.of("name", "x", "expires_at", "2026-03-02T12:00:01Z"),
                        "Authorization",
                        bearer)))
                .isEqualTo("400 invalid_expires_at");
    }

    @Test
    void scopes_and_expiry_are_checked_and_shown() throws Exception {
        for (var wrong : List.of(
                Map.of("name", "x", "scopes", List.of()),
                Map.of("name", "x", "scopes", List.of("admin")),
                Map.of("name", "x", "scopes", List.of("READ")))) {
            assertThat(outcome(server.send("POST", "/api/tokens", wrong, "Cookie", cookie)))
                    .isEqualTo("400 invalid_scopes");
        }
        var past = Map.of("name", "x", "expires_at", "2026-03-01T12:00:00Z");
        assertThat(outcome(server.send("POST", "/api/tokens", past, "Cookie", cookie)))
                .isEqualTo("400 invalid_expires_at");

        var bearer = "Bearer " + make("all").path("token").asText();

        var me = json(server.get("/api/me", "Authorization", bearer));
        assertThat(me.path("scopes"))
                .extracting(JsonNode::asText)
                .containsExactly("read", "run", "write", "restore", "metrics");
        assertThat(me.path("expires_at").isNull()).isTrue();
        assertThat(json(server.get("/api/me", "Cookie", cookie)).path("scopes")).hasSize(5);
        assertThat(json(server.get("/api/tokens", "Cookie", cookie)).at("/items/0/scopes"))
                .hasSize(5);
    }

    @Test
    void a_token_ends_when_it_expires_and_is_still_listed() throws Exception {
        var made = json(server.send(
                "POST",
                "/api/tokens",
                Map.of("name", "short", "expires_at", "2026-03-01T13:00:00Z"),
                "Cookie",
                cookie));
        var bearer = "Bearer " + made.path("token").asText();
        server.now = server.now.plus(Duration.ofMinutes(59));
        assertThat(outcome(server.get("/api/me", "Authorization", bearer))).isEqualTo("200");

        server.now = server.now.plus(Duration.ofMinutes(1));

        assertThat(outcome(server.get("/api/me", "Authorization", bearer))).isEqualTo("401 bad_token");
        assertThat(json(server.get("/api/tokens", "Cookie", cookie))
                        .at("/items/0/expires_at")
                        .asText())
                .isEqualTo("2026-03-01T13:00:00Z");
    }

    @Test
    void a_name_is_one_line() throws Exception {
        for (var name : new String[] {"", " ", "two\nlines", "x".repeat(101)}) {
            assertThat(outcome(server.send("POST", "/api/tokens", Map.of("name", name), "Cookie", cookie)))
                    .isEqualTo("400 invalid_name");
        }
    }

    private JsonNode make(String name) throws Exception {
        return json(server.send("POST", "/api/tokens", Map.of("name", name), "Cookie", cookie));
    }
}
