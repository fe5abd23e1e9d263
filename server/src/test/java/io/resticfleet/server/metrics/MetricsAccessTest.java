package io.resticfleet.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.TestServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may read the figures. */
class MetricsAccessTest {

    @Nested
    class As_usual {

        @RegisterExtension
        final TestServer server = new TestServer();

        @Test
        void a_token_with_the_scope_and_a_session_may_and_nobody_else() throws Exception {
            assertThat(get(server)).isEqualTo("401 unauthenticated");
            assertThat(get(server, "Authorization", "Bearer rf_wrong")).isEqualTo("401 bad_token");
            assertThat(get(server, "Authorization", "Bearer " + token("metrics")))
                    .isEqualTo("200");
            assertThat(get(server, "Authorization", "Bearer " + token("read"))).isEqualTo("403 scope_missing");
            assertThat(get(server, "Cookie", "rf_session=" + server.session())).isEqualTo("200");
        }

        private String token(String scope) throws Exception {
            return server.api()
                    .post("/api/tokens", Map.of("name", scope, "scopes", List.of(scope)))
                    .at("/token");
        }
    }

    @Nested
    class With_local_programs_allowed {

        @RegisterExtension
        final TestServer server = new TestServer(Map.of("--metrics-loopback", "on"));

        @Test
        void a_program_on_this_machine_needs_no_token_for_them_alone() throws Exception {
            assertThat(get(server)).isEqualTo("200");
            assertThat(server.api().request("GET", "/api/hosts", "").outcome()).isEqualTo("401 unauthenticated");
            assertThat(raw("Host: localhost")).isEqualTo(200);
            assertThat(raw("Host: [::1]:8080")).isEqualTo(200);
        }

        @Test
        void what_came_through_a_proxy_does() throws Exception {
            for (var header : List.of("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP")) {
                assertThat(get(server, header, "192.0.2.7")).as(header).isEqualTo("401 unauthenticated");
            }
        }

        @Test
        void a_browsers_page_does_and_one_that_took_this_address_for_its_name() throws Exception {
            assertThat(get(server, "Origin", server.url())).isEqualTo("401 unauthenticated");
            assertThat(get(server, "Sec-Fetch-Site", "same-origin")).isEqualTo("401 unauthenticated");
            for (var name : List.of("evil.example", "127.0.0.1.evil.example", "192.0.2.7", "backup.example.org:8080")) {
                assertThat(raw("Host: " + name)).as(name).isEqualTo(401);
            }
        }

        private int raw(String host) throws Exception {
            try (var socket = server.api().connect()) {
                socket.getOutputStream()
                        .write(("GET /metrics HTTP/1.1\r\n" + host + "\r\nConnection: close\r\n\r\n").getBytes());
                return Integer.parseInt(new String(socket.getInputStream().readAllBytes()).split(" ")[1]);
            }
        }
    }

    private static String get(TestServer server, String... headers) throws Exception {
        return server.api().request("GET", "/metrics", "", headers).outcome();
    }
}
