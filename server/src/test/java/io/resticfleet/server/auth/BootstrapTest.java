package io.resticfleet.server.auth;

import static io.resticfleet.server.auth.AuthServer.PASSWORD;
import static io.resticfleet.server.auth.AuthServer.json;
import static io.resticfleet.server.auth.AuthServer.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BootstrapTest {

    @RegisterExtension
    final AuthServer server = new AuthServer();

    @Test
    void the_token_lets_the_first_user_in_once() throws Exception {
        var token = server.bootstrapToken();

        var made = bootstrap(token, "anna", PASSWORD);

        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(json(made).path("username").asText()).isEqualTo("anna");
        assertThat(made.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(server.directory().resolve("bootstrap-token")).doesNotExist();
        assertThat(outcome(bootstrap(token, "eve", PASSWORD))).isEqualTo("409 already_bootstrapped");
        assertThat(server.audited(server.login())).containsExactly("user.create", "auth.login");
    }

    @Test
    void the_token_is_printed_and_in_a_file_that_only_the_operator_can_read() throws Exception {
        var file = server.directory().resolve("bootstrap-token");

        assertThat(server.announced).singleElement().asString().contains(server.bootstrapToken());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void the_token_survives_a_restart_until_used() throws Exception {
        var token = server.bootstrapToken();

        server.restart();

        assertThat(server.bootstrapToken()).isEqualTo(token);
        assertThat(server.announced).hasSize(2);
        assertThat(bootstrap(token, "anna", PASSWORD).statusCode()).isEqualTo(201);
        Files.writeString(server.directory().resolve("bootstrap-token"), token); // as if a crash had left it
        server.restart();
        assertThat(server.directory().resolve("bootstrap-token")).doesNotExist();
        assertThat(outcome(bootstrap(token, "eve", PASSWORD))).isEqualTo("409 already_bootstrapped");
    }

    @Test
    void a_wrong_token_is_refused_and_attempts_are_limited() throws Exception {
        for (int attempt = 0; attempt < 10; attempt++) {
            assertThat(outcome(bootstrap("guess", "eve", PASSWORD))).isEqualTo("401 bad_token");
        }

        var refused = bootstrap(server.bootstrapToken(), "eve", PASSWORD);

        assertThat(outcome(refused)).isEqualTo("429 rate_limited");
        assertThat(refused.headers().firstValue("Retry-After")).contains("900");
        server.now = server.now.plusSeconds(900);
        assertThat(bootstrap(server.bootstrapToken(), "anna", PASSWORD).statusCode())
                .isEqualTo(201);
    }

    @Test
    void what_is_wrong_is_said_by_field_and_the_token_stays() throws Exception {
        var token = server.bootstrapToken();

        var weak = bootstrap(token, "anna", "1234567");
        var unnamed = bootstrap(token, "an na", PASSWORD);

        assertThat(outcome(weak)).isEqualTo("400 weak_password");
        assertThat(json(weak).at("/errors/0/field").asText()).isEqualTo("password");
        assertThat(weak.body()).doesNotContain("1234567");
        assertThat(outcome(bootstrap(token, "anna", "x".repeat(201)))).isEqualTo("400 weak_password");
        assertThat(outcome(unnamed)).isEqualTo("400 invalid_username");
        assertThat(json(unnamed).at("/errors/0/field").asText()).isEqualTo("username");
        assertThat(bootstrap(token, "anna", PASSWORD).statusCode()).isEqualTo(201);
    }

    private HttpResponse<String> bootstrap(String token, String username, String password) throws Exception {
        return server.send(
                "POST", "/api/bootstrap", Map.of("token", token, "username", username, "password", password));
    }
}
