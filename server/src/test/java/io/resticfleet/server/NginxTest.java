package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server without TLS behind a real proxy that has it. */
class NginxTest {

    private static final Path NGINX = Path.of("/usr/sbin/nginx");

    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--trusted-proxies", "127.0.0.1"));

    @TempDir
    Path directory;

    private Process nginx;
    private String url;

    @BeforeEach
    void startProxy() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(NGINX), "no nginx on this machine");
        int port = freePort();
        url = "https://127.0.0.1:" + port;
        run("openssl req -x509 -nodes -days 2 -subj /CN=localhost -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
                + " -keyout key.pem -out cert.pem");
        Files.writeString(directory.resolve("nginx.conf"), """
                daemon off;
                pid nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path a; uwsgi_temp_path b; scgi_temp_path c;
                    server {
                        listen 127.0.0.1:%d ssl;
                        ssl_certificate cert.pem;
                        ssl_certificate_key key.pem;
                        location / {
                            proxy_pass %s;
                            proxy_http_version 1.1;
                            proxy_set_header Host $http_host;
                            proxy_set_header Upgrade $http_upgrade;
                            proxy_set_header Connection $http_connection;
                            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                            proxy_set_header X-Forwarded-Proto $scheme;
                        }
                    }
                }
                """.formatted(port, server.url()));
        nginx = new ProcessBuilder(NGINX.toString(), "-p", directory.toString(), "-c", "nginx.conf", "-e", "stderr")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("nginx.log").toFile())
                .start();
        Eventually.eventually(() -> {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                throw new AssertionError(Files.readString(directory.resolve("nginx.log")), e);
            }
        });
    }

    @AfterEach
    void stopProxy() throws Exception {
        if (nginx != null) {
            nginx.destroy();
            nginx.waitFor(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void an_agent_connects_through_it_and_counts_as_encrypted_wherever_it_is() throws Exception {
        var web = server.enrol("web");

        web.connectVia(url, "X-Forwarded-For", "192.0.2.7");

        var host = server.api().get("/api/hosts/" + web.hostId());
        assertThat(host.at("/status")).isEqualTo("online");
        assertThat(host.at("/unencrypted")).isEqualTo("false");
    }

    @Test
    void sign_in_works_from_its_page_alone_and_the_cookie_travels_by_https_only() throws Exception {
        assertThat(login(url).headers().firstValue("Set-Cookie").orElseThrow()).contains("; Secure");
        assertThat(login(url.replace("https:", "http:")).statusCode()).isEqualTo(403);
        assertThat(login("https://evil.example").statusCode()).isEqualTo(403);
    }

    @Test
    void a_page_of_another_site_gets_no_web_socket() {
        assertThatThrownBy(() -> AnyCertificate.client()
                        .newWebSocketBuilder()
                        .header("Origin", "https://evil.example")
                        .buildAsync(
                                URI.create(url.replace("https:", "wss:") + "/api/agents/ws"),
                                new WebSocket.Listener() {})
                        .join())
                .hasCauseInstanceOf(java.net.http.WebSocketHandshakeException.class);
    }

    private HttpResponse<String> login(String origin) throws Exception {
        var body = ApiClient.json(Map.of("username", "anna", "password", "correct horse"));
        var request = HttpRequest.newBuilder(URI.create(url + "/api/auth/login"))
                .header("Origin", origin)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return AnyCertificate.client().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private void run(String command) throws Exception {
        var process = new ProcessBuilder(command.split(" "))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
