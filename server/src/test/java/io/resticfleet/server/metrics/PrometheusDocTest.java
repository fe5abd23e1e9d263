package io.resticfleet.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Json;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page about Prometheus, the rules and the dashboard, against the figures that there are. */
class PrometheusDocTest {

    private static final Path RULES = Path.of("../docs/prometheus/alerts.yml");
    private static final Path RULES_TEST = Path.of("../docs/prometheus/alerts-test.yml");
    private static final Path DASHBOARD = Path.of("../docs/prometheus/dashboard.json");
    private static final String TABLE = "| Metric | Labels | Meaning |\n|---|---|---|\n";

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void the_page_lists_every_figure_with_its_meaning() throws Exception {
        var page = Files.readString(DocumentedMetrics.PAGE);
        int table = page.indexOf(TABLE) + TABLE.length();
        int end = page.indexOf("\n\n", table) + 1;
        var expected = page.substring(0, table) + rows() + page.substring(end);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(DocumentedMetrics.PAGE, expected);
        }

        assertThat(Files.readString(DocumentedMetrics.PAGE)).isEqualTo(expected);
    }

    @Test
    void rules_and_dashboard_use_figures_that_there_are() throws Exception {
        var names = exported();
        assertThat(names).hasSizeGreaterThan(30);
        for (var file : Set.of(RULES, RULES_TEST, DASHBOARD, DocumentedMetrics.PAGE)) {
            var used = DocumentedMetrics.named(Files.readString(file));
            assertThat(names).as(file.toString()).containsAll(used);
            assertThat(used).as(file.toString()).isNotEmpty();
        }
        var panels = Json.LENIENT.readTree(DASHBOARD.toFile()).path("panels");
        assertThat(panels.size()).isGreaterThan(8);
    }

    @Test
    void promtool_accepts_the_rules_and_their_tests_pass() throws Exception {
        PrometheusTools.require("promtool");

        assertThat(PrometheusTools.promtool("", "check", "rules", RULES.toString()))
                .contains("SUCCESS");
        assertThat(PrometheusTools.promtool("", "test", "rules", RULES_TEST.toString()))
                .contains("SUCCESS");
        var rules = Files.readString(RULES)
                .lines()
                .filter(line -> line.contains("- alert: "))
                .map(line -> line.replaceAll(".*: ", ""))
                .collect(Collectors.toSet());
        assertThat(Files.readString(RULES_TEST)).as("every rule has a test").contains(rules);
    }

    /** Names of all metrics. */
    private Set<String> exported() throws Exception {
        return figures()
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" ")[2])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The rows of the table, from the text that the server sends. */
    private String rows() throws Exception {
        var meanings = new TreeMap<String, String>();
        var labels = new TreeMap<String, String>();
        for (var line : figures().lines().toList()) {
            if (line.startsWith("# HELP ")) {
                var parts = line.split(" ", 4);
                meanings.put(parts[2], parts[3]);
            } else if (!line.startsWith("#")) {
                int brace = line.indexOf('{');
                labels.put(
                        line.split("[{ ]")[0],
                        brace < 0
                                ? ""
                                : line.substring(brace + 1, line.lastIndexOf('}'))
                                        .replaceAll("=\"(\\\\.|[^\"\\\\])*\"", ""));
            }
        }
        assertThat(labels.keySet()).isEqualTo(meanings.keySet());
        return meanings.entrySet().stream()
                .map(metric -> "| `%s` | %s | %s |\n"
                        .formatted(metric.getKey(), labels.get(metric.getKey()).replace(",", ", "), metric.getValue()))
                .collect(Collectors.joining());
    }

    /** Of a host that has a value of everything. */
    private String figures() throws Exception {
        var web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        var reports = new SampleReports(server);
        var agent = web.connectInSync();
        agent.sendAndDrain(reports.finished(1, SampleReports.id(1), nightly));
        server.sql("UPDATE repositories SET status = 'locked', status_since_at = 1, size_bytes = 1, last_check_at = 1,"
                + " last_check_ok = 1, last_check_share = 0.5, last_prune_at = 1");
        server.sql("INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at)" + " VALUES ('"
                + SampleReports.id(2) + "', '" + web.hostId() + "', 'check', 'queued', 'manual', 1)");
        server.maintenance().copyDatabase();
        return server.api().get("/metrics").text();
    }
}
