package io.resticfleet.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The figures for Prometheus, as a program reads them. */
class MetricsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);

    @Test
    void a_backup_is_shown_with_its_time_and_size() throws Exception {
        var web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        assertThat(lines()).anyMatch(line -> line.startsWith("restic_fleet_host_online{host=\"web\"} 0"));
        var agent = web.connectInSync();
        server.clock().advance(Duration.ofSeconds(90));

        agent.sendAndDrain(reports.finished(1, SampleReports.id(1), nightly));

        var labels = "{host=\"web\",schedule=\"nightly\"}";
        var ofKind = "{host=\"web\",kind=\"backup\",schedule=\"nightly\"}";
        assertThat(lines())
                .contains(
                        "restic_fleet_host_online{host=\"web\"} 1.0",
                        "restic_fleet_host_drift{host=\"web\"} 0.0",
                        "restic_fleet_last_run_success" + labels + " 1.0",
                        "restic_fleet_next_due_timestamp_seconds" + labels + " " + seconds("2026-03-02T02:30:00Z"),
                        "restic_fleet_runs_failed_total" + ofKind + " 0.0",
                        "restic_fleet_runs_missed_total" + labels + " 0.0",
                        "restic_fleet_backup_files" + labels + " "
                                + (double) SampleReports.NOTHING_NEW.totalFilesProcessed(),
                        "restic_fleet_hosts{state=\"backed_up\"} 1.0",
                        "restic_fleet_hosts{state=\"failed\"} 0.0",
                        "restic_fleet_alerts{severity=\"critical\"} 0.0",
                        "restic_fleet_agents_connected 1.0",
                        "restic_fleet_jobs_running 0.0",
                        "restic_fleet_outbox_messages 0.0")
                .anyMatch(line -> line.startsWith("restic_fleet_last_success_timestamp_seconds" + labels))
                .anyMatch(line -> line.startsWith("restic_fleet_last_duration_seconds" + labels))
                .anyMatch(line -> line.startsWith("restic_fleet_host_info{agent_version=\"0.1.0\""))
                .anyMatch(line -> line.startsWith("restic_fleet_repository_snapshots{repository="))
                .anyMatch(line -> line.startsWith("restic_fleet_build_info{version="));
    }

    @Test
    void totals_of_failed_and_missed_runs_outlive_a_restart_and_never_fall() throws Exception {
        var web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        agent.sendAndDrain(reports.failed(1, SampleReports.id(1), nightly, "network"));
        agent.sendAndDrain(SampleReports.missed(
                2, SampleReports.id(2), JobKind.BACKUP, nightly, server.now().plusSeconds(10), "asleep"));
        var labels = "{host=\"web\",schedule=\"nightly\"} ";
        var ofKind = "{host=\"web\",kind=\"backup\",schedule=\"nightly\"} ";
        assertThat(lines())
                .contains(
                        "restic_fleet_runs_failed_total" + ofKind + "1.0",
                        "restic_fleet_runs_missed_total" + labels + "1.0",
                        "restic_fleet_last_run_success" + labels + "0.0");

        agent.sendAndDrain(reports.finished(3, SampleReports.id(2), nightly)); // it did run
        server.stop();
        server.start();

        assertThat(lines())
                .contains(
                        "restic_fleet_runs_failed_total" + ofKind + "1.0",
                        "restic_fleet_runs_missed_total" + labels + "1.0",
                        "restic_fleet_last_run_success" + labels + "1.0")
                .noneMatch(line -> line.startsWith("restic_fleet_host_online")); // awaited
    }

    @Test
    void names_that_are_not_unique_or_need_quotes_make_no_bad_text() throws Exception {
        var one = server.enrol("one");
        var two = server.enrol("two");
        for (var host : List.of(one, two)) {
            server.api().patch("/api/hosts/" + host.hostId(), Map.of("name", "a \"b\" \\c ü"));
            host.addSchedule(Samples.NIGHTLY);
        }

        assertThat(lines())
                .contains(
                        "restic_fleet_host_drift{host=\"a \\\"b\\\" \\\\c ü (" + one.hostId() + ")\"} 1.0",
                        "restic_fleet_host_drift{host=\"a \\\"b\\\" \\\\c ü (" + two.hostId() + ")\"} 1.0");
    }

    @Test
    void a_name_that_looks_like_one_with_an_id_makes_no_series_twice() throws Exception {
        var one = server.enrol("one");
        var two = server.enrol("two");
        var three = server.enrol("three");
        for (var host : List.of(one, two)) {
            server.api().patch("/api/hosts/" + host.hostId(), Map.of("name", "web"));
        }
        server.api().patch("/api/hosts/" + three.hostId(), Map.of("name", "web (" + one.hostId() + ")"));

        assertThat(lines())
                .filteredOn(line -> line.startsWith("restic_fleet_host_drift{"))
                .hasSize(3)
                .doesNotHaveDuplicates();
    }

    @Test
    void a_disabled_or_deleted_schedule_and_a_deleted_host_are_no_longer_shown() throws Exception {
        var web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        var path = "/api/hosts/" + web.hostId() + "/schedules/" + nightly;
        assertThat(text()).contains("schedule=\"nightly\"");

        server.api()
                .put(
                        path,
                        Map.of(
                                "kind",
                                "backup",
                                "name",
                                "nightly",
                                "enabled",
                                false,
                                "cron",
                                "30 2 * * *",
                                "paths",
                                List.of("/etc")));
        assertThat(text()).doesNotContain("schedule=\"nightly\"").contains("host=\"web\"");

        server.api().delete("/api/hosts/" + web.hostId());
        assertThat(text()).doesNotContain("host=\"web\"");
    }

    @Test
    void a_locked_repository_shows_since_when() throws Exception {
        var web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        agent.sendAndDrain(reports.failed(1, SampleReports.id(1), nightly, "locked"));
        var first = locked().orElseThrow();
        server.clock().advance(Duration.ofHours(3));

        agent.sendAndDrain(reports.failed(2, SampleReports.id(2), nightly, "locked"));
        assertThat(locked()).contains(first);

        agent.sendAndDrain(reports.finished(3, SampleReports.id(3), nightly));
        assertThat(locked()).isEmpty();
        assertThat(text()).contains(",status=\"ok\"} 1.0");
    }

    private Optional<String> locked() throws Exception {
        return lines().stream()
                .filter(line -> line.startsWith("restic_fleet_repository_locked_since_timestamp_seconds{"))
                .findFirst();
    }

    @Test
    void the_format_is_that_of_prometheus_or_openmetrics_as_asked() throws Exception {
        server.enrol("web");

        var plain = server.api().get("/metrics");
        assertThat(plain.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(plain.text()).startsWith("# HELP restic_fleet_").doesNotContain("# EOF");

        var open = server.api().get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0,*/*;q=0.1");
        assertThat(open.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/openmetrics-text; version=1.0.0");
        assertThat(open.text()).endsWith("# EOF\n").contains("# TYPE restic_fleet_host info");
    }

    @Test
    void they_are_compressed_for_those_who_accept_it() throws Exception {
        for (var accepted : List.of("gzip", "deflate, gzip;q=1.0, *;q=0.5")) {
            assertThat(server.api()
                            .get("/metrics", "Accept-Encoding", accepted)
                            .headers()
                            .allValues("Content-Encoding"))
                    .containsExactly("gzip");
        }
        for (var refused : List.of("identity", "gzip;q=0")) {
            assertThat(server.api().get("/metrics", "Accept-Encoding", refused).text())
                    .startsWith("# HELP restic_fleet_");
        }
    }

    private ApiResponse get() throws Exception {
        return server.api().get("/metrics");
    }

    private String text() throws Exception {
        var answer = get();
        assertThat(answer.status()).isEqualTo(200);
        return answer.text();
    }

    private List<String> lines() throws Exception {
        return text().lines().toList();
    }

    /** As the library writes it. */
    private static String seconds(String instant) {
        return Double.toString(Instant.parse(instant).getEpochSecond());
    }
}
