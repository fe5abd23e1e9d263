package io.resticfleet.server.channel;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.secret.Hmac;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Channels through the API, and tests of them over real connections. */
class ChannelRoutesTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private Receiver receiver;

    @BeforeEach
    void listen() throws Exception {
        receiver = new Receiver();
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private ApiResponse create(String kind, Map<String, ?> config) throws Exception {
        return server.api().post("/api/channels", Map.of("name", kind, "kind", kind, "config", config));
    }

    private ApiResponse webhook() throws Exception {
        return create("webhook", Map.of("url", receiver.url() + "/hook?key=5ecret", "secret", "k3y"));
    }

    @Test
    void a_test_is_delivered_signed_and_listed_with_its_attempt() throws Exception {
        var channel = webhook();
        assertThat(channel.status()).isEqualTo(201);

        var test = server.api().post("/api/channels/" + channel.at("/id") + "/test", "");

        assertThat(test.text()).isEqualTo("{\"delivered\":true,\"detail\":\"HTTP status 200\"}");
        var received = receiver.only();
        assertThat(received.path()).isEqualTo("/hook?key=5ecret");
        assertThat(received.header("X-restic-fleet-signature"))
                .isEqualTo("sha256=" + Hmac.sha256("k3y", received.body().getBytes(StandardCharsets.UTF_8)));
        assertThat(received.header("X-restic-fleet-attempt")).isEqualTo("1");
        assertThat(received.header("Content-type")).isEqualTo("application/json");
        assertThat(received.header("User-agent")).startsWith("restic-fleet/");
        assertThat(received.json().at("/state").asText()).isEqualTo("test");
        assertThat(received.json().at("/alert/action_url").asText()).endsWith("/channels/" + channel.at("/id"));
        var delivery = server.api()
                .get("/api/channels/" + channel.at("/id") + "/deliveries")
                .json()
                .at("/items/0");
        assertThat(delivery.at("/id").asText())
                .isEqualTo(received.json().at("/delivery_id").asText());
        assertThat(delivery.at("/state").asText()).isEqualTo("delivered");
        assertThat(delivery.at("/last_attempts/0/detail").asText()).isEqualTo("HTTP status 200");
        assertThat(server.api().get("/api/channels/" + channel.at("/id")).at("/status"))
                .isEqualTo("ok");
    }

    @Test
    void a_test_that_is_refused_says_why_and_is_not_repeated() throws Exception {
        var channel = webhook();
        receiver.answer(exchange -> {
            var body = "the secret answer".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(403, body.length);
            exchange.getResponseBody().write(body);
        });

        var test = server.api().post("/api/channels/" + channel.at("/id") + "/test", "");

        assertThat(test.text()).isEqualTo("{\"delivered\":false,\"detail\":\"HTTP status 403\"}");
        var shown = server.api().get("/api/channels/" + channel.at("/id"));
        assertThat(shown.at("/last_error")).isEqualTo("HTTP status 403");
        assertThat(shown.at("/status")).isEqualTo("untested");
        assertThat(shown.at("/waiting")).isEqualTo("0");
    }

    @Test
    void secrets_are_in_no_answer_no_audit_entry_and_no_readable_column() throws Exception {
        var channel = webhook();
        server.api().post("/api/channels/" + channel.at("/id") + "/test", "");
        var body = Map.of("name", "other", "kind", "webhook", "config", Map.of("secret", "an0ther"));

        var changed = server.api().put("/api/channels/" + channel.at("/id"), body);

        assertThat(changed.text()).contains("\"secrets\":[\"url\",\"secret\"]", "\"target\":\"127.0.0.1\"");
        var answers = changed.text()
                + channel.text()
                + server.api().get("/api/channels").text()
                + server.api().get("/api/audit").text()
                + server.api()
                        .get("/api/channels/" + channel.at("/id") + "/deliveries")
                        .text();
        assertThat(answers).doesNotContain("5ecret", "k3y", "an0ther");
        for (var file :
                Files.list(server.directory()).filter(Files::isRegularFile).toList()) {
            assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain("5ecret", "an0ther");
        }
        server.api().delete("/api/channels/" + channel.at("/id"));
        assertThat(server.sql("SELECT owner FROM secrets WHERE owner LIKE 'channels/%'"))
                .isEmpty();
    }

    @Test
    void a_secret_is_not_sent_to_another_server_than_it_was_entered_for() throws Exception {
        var channel = create("gotify", Map.of("url", "http://127.0.0.1:1", "token", "t0ken"));
        var elsewhere = Map.of("name", "gotify", "kind", "gotify", "config", Map.of("url", receiver.url()));

        var refused = server.api().put("/api/channels/" + channel.at("/id"), elsewhere);

        assertThat(refused.outcome()).isEqualTo("400 secret_needed");
        assertThat(refused.at("/errors/0/field")).isEqualTo("config.token");
    }

    @Test
    void what_is_wrong_with_a_body_is_said_all_at_once() throws Exception {
        var wrong = server.api()
                .post(
                        "/api/channels",
                        Map.of(
                                "name", " ",
                                "kind", "email",
                                "min_severity", "loud",
                                "digest", "hourly",
                                "config", Map.of("host", "smtp", "port", 0, "to", List.of("nobody"), "colour", "red")));

        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.json().path("errors").findValuesAsText("field"))
                .contains(
                        "name",
                        "min_severity",
                        "digest",
                        "config.port",
                        "config.to",
                        "config.colour",
                        "config.security",
                        "config.from");
        assertThat(create("webhook", Map.of("url", "ftp://example.com/")).outcome())
                .isEqualTo("400 invalid_config");
        assertThat(create("webhook", Map.of("url", "https://a/", "body", "{{no_such}}"))
                        .outcome())
                .isEqualTo("400 invalid_config");
        assertThat(create("webhook", Map.of("url", "https://a/", "headers", Map.of("Host", "b")))
                        .outcome())
                .isEqualTo("400 invalid_config");
        assertThat(create("carrier_pigeon", Map.of()).outcome()).isEqualTo("400 invalid_kind");
    }

    @Test
    void names_are_unique_and_kinds_do_not_change() throws Exception {
        var channel = webhook();

        assertThat(webhook().outcome()).isEqualTo("409 name_taken");
        assertThat(server.api()
                        .put(
                                "/api/channels/" + channel.at("/id"),
                                Map.of("name", "x", "kind", "slack", "config", Map.of("url", "https://a/")))
                        .outcome())
                .isEqualTo("409 kind_immutable");
        assertThat(server.api().get("/api/channels/01ARZ3NDEKTSV4RRFFQ69G5FAV").status())
                .isEqualTo(404);
    }

    @Test
    void link_local_addresses_redirects_and_unknown_names_are_not_reached() throws Exception {
        for (var host : List.of("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]")) {
            var channel = server.api()
                    .post(
                            "/api/channels",
                            Map.of("name", host, "kind", "slack", "config", Map.of("url", "http://" + host + "/")));
            assertThat(server.api()
                            .post("/api/channels/" + channel.at("/id") + "/test", "")
                            .at("/detail"))
                    .isEqualTo("the address is link-local, which is not allowed");
        }
        receiver.answer(exchange -> {
            exchange.getResponseHeaders().set("Location", "http://169.254.169.254/");
            exchange.sendResponseHeaders(302, -1);
        });
        var moved = webhook();
        assertThat(server.api()
                        .post("/api/channels/" + moved.at("/id") + "/test", "")
                        .at("/detail"))
                .isEqualTo("HTTP status 302: redirects are not followed");
        assertThat(receiver.received()).hasSize(1);
    }

    @Test
    void a_huge_answer_counts_by_its_status() throws Exception {
        receiver.answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                for (int i = 0; i < 10_000; i++) {
                    exchange.getResponseBody().write(new byte[10_000]);
                }
            } catch (IOException e) {
                // the client has gone
            }
        });
        var channel = webhook();

        assertThat(server.api()
                        .post("/api/channels/" + channel.at("/id") + "/test", "")
                        .at("/delivered"))
                .isEqualTo("true");
        eventually(() -> assertThat(receiver.received()).hasSize(1));
    }
}
