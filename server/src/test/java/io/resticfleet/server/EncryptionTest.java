package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.net.URI;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server's keys in welcome messages, and the warnings about unencrypted connections. */
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
            var answer = server.api().post("/api/enrollment-tokens", Map.of("repository", Map.of("url", "/backup")));

            assertThat(server.url()).startsWith("https://");
            assertThat(answer.at("/command")).endsWith(" --pin " + shownPin());
            assertThat(answer.text()).doesNotContain("is not encrypted");
        }

        @Test
        void agents_get_the_present_and_the_next_key_at_each_hello() throws Exception {
            var welcome = server.enrol("web").connectVia(server.url());

            assertThat(welcome.pins()).contains(List.of(shownPin(), NEXT));
        }

        @Test
        void the_cookie_travels_by_https_only_and_its_own_page_is_known() throws Exception {
            var login = server.api()
                    .request(
                            "POST",
                            "/api/auth/login",
                            ApiClient.json(Map.of("username", "anna", "password", "correct horse")),
                            "Origin",
                            server.url());

            assertThat(login.headers().firstValue("Set-Cookie").orElseThrow()).contains("; Secure");
        }

        @Test
        void a_renewed_certificate_is_used_without_a_restart_and_agents_stay_connected() throws Exception {
            var first = shown();
            var agent = server.enrol("web").connect();

            renew("renewed", "-key " + server.directory().resolve("tls.key"));
            server.maintenance().reloadCertificate();

            assertThat(shown().getSubjectX500Principal().getName()).isEqualTo("CN=renewed");
            assertThat(shownPin()).isEqualTo(SelfSignedCertificateTest.pin(first));
            agent.drain();
            assertThat(agent.isClosed()).isFalse();
        }

        @Test
        void a_certificate_that_cannot_be_used_or_that_agents_would_not_trust_leaves_the_present_one()
                throws Exception {
            var first = shown();

            Files.writeString(server.directory().resolve("tls.pem"), "-----BEGIN CERTIFICATE-----\nhalf");
            server.maintenance().reloadCertificate();
            assertThat(shown()).isEqualTo(first);

            renew(
                    "other",
                    "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout "
                            + server.directory().resolve("tls.key"));
            server.maintenance().reloadCertificate();
            assertThat(shown()).isEqualTo(first);
        }

        private void renew(String name, String key) throws Exception {
            var openssl = ("openssl req -x509 -nodes -days 2 -subj /CN=" + name + " " + key + " -out "
                            + server.directory().resolve("tls.pem"))
                    .split(" ");
            assertThat(new ProcessBuilder(openssl)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor())
                    .isZero();
        }

        private String shownPin() throws Exception {
            return SelfSignedCertificateTest.pin(shown());
        }

        /** The certificate of a new connection. */
        private X509Certificate shown() throws Exception {
            var url = URI.create(server.url());
            try (var socket = (SSLSocket)
                    AnyCertificate.context().getSocketFactory().createSocket(url.getHost(), url.getPort())) {
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
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

            assertThat(web.connectVia(server.url(), FROM_AFAR).pins()).isEmpty();

            assertThat(host(web).path("unencrypted").asText()).isEqualTo("true");
            assertThat(page(web).texts("#head .banner"))
                    .anyMatch(warning -> warning.contains("connection is not encrypted"));
        }

        @Test
        void one_by_tls_or_from_this_machine_is_not() throws Exception {
            var web = server.enrol("web");

            web.connectVia(server.url(), FROM_AFAR_BY_TLS);
            assertThat(host(web).path("unencrypted").asText()).isEqualTo("false");
            assertThat(page(web).text("h1")).isEqualTo("web");
            assertThat(page(web).source()).doesNotContain("not encrypted");

            web.connectVia(server.url());
            assertThat(host(web).path("unencrypted").asText()).isEqualTo("false");
        }

        private com.fasterxml.jackson.databind.JsonNode host(EnrolledAgent machine) throws Exception {
            return server.api().get("/api/hosts/" + machine.hostId()).json();
        }

        private HtmlPage page(EnrolledAgent machine) throws Exception {
            return PageClient.signedIn(server).open("/hosts/" + machine.hostId());
        }
    }

    @Nested
    class Behind_a_proxy_that_is_not_trusted {

        @RegisterExtension
        final TestServer server = new TestServer(Map.of("--trusted-proxies", "192.0.2.1"));

        @Test
        void its_forwarding_headers_are_ignored() throws Exception {
            var web = server.enrol("web");

            web.connectVia(server.url(), FROM_AFAR);

            assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/unencrypted"))
                    .isEqualTo("false");
        }
    }

    @Nested
    class Behind_a_proxy_that_says_little {

        @RegisterExtension
        final TestServer server =
                new TestServer(Map.of("--trusted-proxies", "127.0.0.1", "--public-url", "https://backup.example.org"));

        @Test
        void the_public_url_determines_the_scheme() throws Exception {
            var web = server.enrol("web");

            web.connectVia(server.url(), FROM_AFAR);
            assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/unencrypted"))
                    .isEqualTo("false");

            web.connectVia(server.url(), "X-Forwarded-For", "192.0.2.7", "X-Forwarded-Proto", "http");
            assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/unencrypted"))
                    .isEqualTo("true");
        }
    }

    @Nested
    class Reached_without_tls_from_elsewhere {

        @RegisterExtension
        final TestServer server = new TestServer(Map.of("--public-url", "http://nas.local:8080"));

        @Test
        void the_install_line_allows_it_and_a_warning_stands_beside_it() throws Exception {
            var answer = server.api().post("/api/enrollment-tokens", Map.of("repository", Map.of("url", "/backup")));

            assertThat(answer.at("/command")).endsWith(" --allow-plaintext");
            assertThat(answer.at("/warnings/0")).contains("is not encrypted", "RESTIC_FLEET_TLS");
            var page = PageClient.signedIn(server)
                    .at("http://nas.local:8080")
                    .open("/hosts/new")
                    .form("Create install command")
                    .fill("Repository", "/backup")
                    .submit();
            assertThat(page.texts(".banner.warn")).anyMatch(warning -> warning.contains("is not encrypted"));
            assertThat(page.text("#install-line")).endsWith(" --allow-plaintext");
        }
    }

    @Nested
    class Reached_without_tls_on_this_machine {

        @RegisterExtension
        final TestServer server = new TestServer();

        @Test
        void the_connection_is_not_warned_of() throws Exception {
            var answer = server.api().post("/api/enrollment-tokens", Map.of("repository", Map.of("url", "/backup")));

            assertThat(answer.at("/command"))
                    .contains("http://127.0.0.1:")
                    .doesNotContain("--allow-plaintext", "--pin");
            assertThat(answer.text()).doesNotContain("is not encrypted");
        }
    }
}
