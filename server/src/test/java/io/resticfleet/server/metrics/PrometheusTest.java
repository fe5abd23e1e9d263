package io.resticfleet.server.metrics;

import static io.resticfleet.server.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.SampleFleet;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The figures of a fleet with a host in every state, read by the real promtool and a real Prometheus. */
@Tag("slow")
class PrometheusTest {

    private static final Path RULES = Path.of("../docs/prometheus/alerts.yml");

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path directory;

    @BeforeEach
    void fill() throws Exception {
        SampleFleet.on(server);
    }

    @Test
    void promtool_finds_nothing_wrong_with_the_figures() throws Exception {
        PrometheusTools.require("promtool");
        var figures = server.api().get("/metrics").text();

        assertThat(PrometheusTools.promtool(figures, "check", "metrics")).isEmpty();
    }

    @Test
    void prometheus_scrapes_them_with_a_token_and_evaluates_the_rules() throws Exception {
        PrometheusTools.require("prometheus");
        var token = server.api()
                .post("/api/tokens", Map.of("name", "prometheus", "scopes", List.of("metrics")))
                .at("/token");
        Files.writeString(directory.resolve("token"), token);
        Files.copy(RULES, directory.resolve("alerts.yml"));
        Files.writeString(
                directory.resolve("prometheus.yml"),
                "global:\n  evaluation_interval: 1s\n"
                        + config().replace(
                                        "backup.example.org",
                                        URI.create(server.url()).getAuthority())
                                .replace("scheme: https", "scheme: http")
                                .replace("/etc/prometheus/restic-fleet.token", "token")
                                .replace("/etc/prometheus/restic-fleet-alerts.yml", "alerts.yml")
                                .replace("scrape_interval: 30s", "scrape_interval: 1s"));
        int port = freePort();
        var prometheus = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + directory.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            within(60, () -> {
                assertThat(value(port, "up{job=\"restic-fleet\"}")).isEqualTo("1");
                return true;
            });

            assertThat(value(port, "count(restic_fleet_host_info)"))
                    .isEqualTo(String.valueOf(server.fleet().hosts().size()));
            assertThat(value(port, "sum(restic_fleet_hosts)"))
                    .isEqualTo(String.valueOf(server.fleet().hosts().size()));
            assertThat(value(port, "restic_fleet_last_run_success{host=\"nas\"}"))
                    .isIn("0", "1");
            within(60, () -> {
                var groups = ask(port, "/api/v1/rules").at("/data/groups");
                assertThat(groups).isNotEmpty();
                groups.forEach(group -> assertThat(group.path("rules"))
                        .allSatisfy(rule -> assertThat(rule.path("health").asText())
                                .as(rule.toString())
                                .isEqualTo("ok")));
                return true;
            });
        } finally {
            prometheus.destroy();
            prometheus.waitFor();
        }
    }

    /** The configuration that the manual shows. */
    private static String config() throws Exception {
        return DocumentedMetrics.block("prometheus.yml");
    }

    /** The only value of a query. */
    private static String value(int port, String query) throws Exception {
        var answer = ask(port, "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        return answer.at("/data/result/0/value/1").asText();
    }

    private static JsonNode ask(int port, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        try {
            var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return Json.LENIENT.readTree(answer.body());
        } catch (ConnectException e) {
            throw new AssertionError("prometheus has not started", e);
        }
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
