package io.resticfleet.server.channel;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The body for a real Alertmanager, as {@code docs/channels.md} gives it. */
class AlertmanagerTest {

    private static final Path ALERTMANAGER = Path.of("/usr/bin/prometheus-alertmanager");
    private static final Pattern BODY = Pattern.compile("```json alertmanager\n(.*?)\n```", Pattern.DOTALL);

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path directory;

    private Process alertmanager;
    private String url;

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(ALERTMANAGER), "no Alertmanager on this machine");
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        url = "http://127.0.0.1:" + port;
        Files.writeString(directory.resolve("am.yml"), "route: {receiver: none}\nreceivers: [{name: none}]\n");
        alertmanager = new ProcessBuilder(
                        ALERTMANAGER.toString(),
                        "--config.file=" + directory.resolve("am.yml"),
                        "--storage.path=" + directory,
                        "--cluster.listen-address=",
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("am.log").toFile())
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        if (alertmanager != null) {
            alertmanager.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private JsonNode get(String path) throws InterruptedException {
        try {
            return Json.LENIENT.readTree(HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofString())
                    .body());
        } catch (IOException e) {
            throw new AssertionError("not there yet", e);
        }
    }

    @Test
    void it_takes_an_alert_with_its_labels() throws Exception {
        eventually(() -> assertThat(get("/api/v2/status").has("uptime")).isTrue());
        var page = BODY.matcher(Files.readString(Path.of("../docs/channels.md")));
        assertThat(page.find()).isTrue();
        var channel = server.api()
                .post(
                        "/api/channels",
                        Map.of(
                                "name",
                                "alertmanager",
                                "kind",
                                "webhook",
                                "config",
                                Map.of("url", url + "/api/v2/alerts", "body", page.group(1))));
        assertThat(channel.status()).as(channel.text()).isEqualTo(201);

        assertThat(server.api()
                        .post("/api/channels/" + channel.at("/id") + "/test", "")
                        .text())
                .isEqualTo("{\"delivered\":true,\"detail\":\"HTTP status 200\"}");

        // The server's clock stands in March 2026, and Alertmanager keeps what is without an end for a while.
        eventually(() -> {
            var alerts = get("/api/v2/alerts");
            assertThat(alerts).hasSize(1);
            assertThat(alerts.at("/0/labels/alertname").asText()).isEqualTo("channel_failing");
            assertThat(alerts.at("/0/labels/severity").asText()).isEqualTo("info");
            assertThat(alerts.at("/0/labels/source").asText()).isEqualTo("restic-fleet");
            assertThat(alerts.at("/0/annotations/summary").asText()).startsWith("This is a test of the channel");
            return alerts;
        });
    }
}
