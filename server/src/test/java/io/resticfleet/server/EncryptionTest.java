package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What agents are told of the server's keys, and what people are told of who could read along. */
class EncryptionTest {

    private static final String NEXT = "ab".repeat(32);
    private static final String[] FROM_AFAR = {"X-Forwarded-For", "192.0.2.7"};
    private static final String[] FROM_AFAR_BY_TLS = {"X-Forwarded-For", "192.0.2.7", "X-Forwarded-Proto", "https"};

    @Nested
    class With_a_certificate_of_its_own {

        @RegisterExtension
        final TestServer server = new TestServer(Map.of("--tls", "self-signed", "--tls-next-pin", NEXT));

        @Test
        void the_install_line_names_the_pin_of_the_key_that_is_shown() throws Exception {
            var answer = server.post("/api/enrollment-tokens", Map.of("repository", Map.of("url", "/backup")));

            assertThat(server.url()).startsWith("https://");
            assertThat(answer.at("/command")).endsWith(" --pin " + shownPin());
            assertThat(answer.json().path("warnings")).isEmpty();
        }

        @Test
        void agents_are_told_the_present_and_the_next_key_at_each_hello() throws Exception {
            var welcome = server.connectVia(server.url(), server.enrol("web"));

            assertThat(welcome.pins()).contains(List.of(shownPin(), NEXT));
        }

        @Test
        void the_cookie_travels_by_https_only_and_its_own_page_is_known() throws Exception {
            var login = server.request(
                    "POST",
                    "/api/auth/login",
                    TestServer.json(Map.of("username", "anna", "password", "correct horse")),
                    "Origin",
                    server.url());

            assertThat(login.headers().firstValue("Set-Cookie").orElseThrow()).contains("; Secure");
        }

        private String shownPin() throws Exception {
            var url = URI.create(server.url());
            try (var socket = (SSLSocket)
                    AnyCertificate.context().getSocketFactory().createSocket(url.getHost(), url.getPort())) {
                return SelfSignedCertificateTest.pin(
                        (X509Certificate) socket.getSession().getPeerCertificates()[0]);
            }
        }
    }

    @Nested
    class Behind_a_proxy {

        @RegisterExtension
        final TestServer server = new TestServer(Map.of("--trusted-proxies", "127.0.0.1"));

        @Test
        void a_connection_from_another_machine_without_tls_is_shown() throws Exception {
            var web = server.enrol("web");
            assertThat(host(web).hasNonNull("unencrypted")).isFalse(); // nobody knows yet

            assertThat(server.connectVia(server.url(), web, FROM_AFAR).pins()).isEmpty();

            assertThat(host(web).path("unencrypted").asText()).isEqualTo("true");
            assertThat(page(web)).contains("connection is not encrypted");
        }

        @Test
        void one_by_tls_or_from_this_machine_is_not() throws Exception {
            var web = server.enrol("web");

            server.connectVia(server.url(), web, FROM_AFAR_BY_TLS);
            assertThat(host(web).path("unencrypted").asText()).isEqualTo("false");
            assertThat(page(web)).contains("web").doesNotContain("not encrypted");

            server.connectVia(server.url(), web);
            assertThat(host(web).path("unencrypted").asText()).isEqualTo("false");
        }

        private com.fasterxml.jackson.databind.JsonNode host(FakeMachine machine) throws Exception {
            return server.get("/api/hosts/" + machine.hostId()).json();
        }

        private String page(FakeMachine machine) throws Exception {
            return server.request("GET", "/hosts/" + machine.hostId(), "", "Cookie", "rf_session=" + server.session())
                    .text();
        }
    }

    @Nested
    class Behind_a_proxy_that_is_not_trusted {

        @RegisterExtension
        final TestServer server = new TestServer(Map.of("--trusted-proxies", "192.0.2.1"));

        @Test
        void what_it_says_of_a_connection_is_ignored() throws Exception {
            var web = server.enrol("web");

            server.connectVia(server.url(), web, FROM_AFAR);

            assertThat(server.get("/api/hosts/" + web.hostId()).at("/unencrypted"))
                    .isEqualTo("false");
        }
    }

    @Nested
    class Behind_a_proxy_that_says_little {

        @RegisterExtension
        final TestServer server =
                new TestServer(Map.of("--trusted-proxies", "127.0.0.1", "--public-url", "https://backup.example.org"));

        @Test
        void the_public_url_tells_how_it_is_spoken_to() throws Exception {
            var web = server.enrol("web");

            server.connectVia(server.url(), web, FROM_AFAR);
            assertThat(server.get("/api/hosts/" + web.hostId()).at("/unencrypted"))
                    .isEqualTo("false");

            server.connectVia(server.url(), web, "X-Forwarded-For", "192.0.2.7", "X-Forwarded-Proto", "http");
            assertThat(server.get("/api/hosts/" + web.hostId()).at("/unencrypted"))
                    .isEqualTo("true");
        }
    }

    @Nested
    class Reached_without_tls_from_elsewhere {

        @RegisterExtension
        final TestServer server = new TestServer(Map.of("--public-url", "http://nas.local:8080"));

        @Test
        void the_install_line_allows_it_and_a_warning_stands_beside_it() throws Exception {
            var answer = server.post("/api/enrollment-tokens", Map.of("repository", Map.of("url", "/backup")));

            assertThat(answer.at("/command")).endsWith(" --allow-plaintext");
            assertThat(answer.at("/warnings/0")).contains("is not encrypted", "RESTIC_FLEET_TLS");
            var page = server.request(
                    "POST",
                    "/hosts/new",
                    "url=%2Fbackup&hostname=&username=&password=&repo_password=&initial_paths=",
                    "Cookie",
                    "rf_session=" + server.session(),
                    "Content-Type",
                    "application/x-www-form-urlencoded");
            assertThat(page.text()).contains("is not encrypted", "--allow-plaintext");
        }
    }

    @Nested
    class Reached_without_tls_on_this_machine {

        @RegisterExtension
        final TestServer server = new TestServer();

        @Test
        void nothing_is_wrong_with_that() throws Exception {
            var answer = server.post("/api/enrollment-tokens", Map.of("repository", Map.of("url", "/backup")));

            assertThat(answer.at("/command"))
                    .contains("http://127.0.0.1:")
                    .doesNotContain("--allow-plaintext", "--pin");
            assertThat(answer.json().path("warnings")).isEmpty();
        }
    }
}
