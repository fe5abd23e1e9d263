package io.resticfleet.server.auth;

import static io.resticfleet.server.auth.AuthServer.PASSWORD;
import static io.resticfleet.server.auth.AuthServer.json;
import static io.resticfleet.server.auth.AuthServer.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
