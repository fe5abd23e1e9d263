package io.resticfleet.server.metrics;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Measures {@code /metrics} of a large fleet, and writes rows of a table; run by {@code scripts/bench.sh metrics}, which
 * starts the server. Properties say where: {@code metrics.url}, {@code metrics.session} (a cookie), {@code metrics.data} (the
 * server's directory) and {@code metrics.report}.
 */
class MetricsBench {

    private static final int HOSTS = 1_000;
    private static final int SCHEDULES = Integer.getInteger("metrics.schedules", 1);
    private static final int REPOSITORIES = Integer.getInteger("metrics.repositories", 1);
    private static final int DAYS = 35;
    private static final int WARM_UP = 100;
    private static final int GETS = 200;

    private static final String URL = System.getProperty("metrics.url");
    private static final String SESSION = System.getProperty("metrics.session");

    /** As Prometheus asks. */
    private static final String ACCEPT =
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void figures() throws Exception {
        seed();
        var still = times(() -> {});
        var changed = times(MetricsBench::change);
        byte[] sent = get();
        byte[] text;
        try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(sent))) {
            text = unpacked.readAllBytes();
        }
        long series = new String(text, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .count();
        Files.write(
                Path.of(System.getProperty("metrics.report")),
                List.of(
                        "%,d machines with %d backup schedules each, %,d repositories, %,d jobs; %,d series; %d requests as Prometheus sends them."
                                .formatted(HOSTS, SCHEDULES, REPOSITORIES, HOSTS * SCHEDULES * DAYS, series, GETS),
                        "",
                        "| | | goal |",
                        "|---|---|---|",
                        "| nothing has changed since the last request: p50, ms | %.0f | |".formatted(at(still, 0.5)),
                        "| … p99 | %.0f | 100 |".formatted(at(still, 0.99)),
                        "| all machines have to be read again: p50, ms | %.0f | |".formatted(at(changed, 0.5)),
                        "| … p99 | %.0f | |".formatted(at(changed, 0.99)),
                        "| size as sent (gzip), MB | %.2f | |".formatted(sent.length / 1e6),
                        "| the same uncompressed, MB | %.2f | 1 |".formatted(text.length / 1e6)));
    }

    private interface Before {
        void run() throws SQLException;
    }

    /** Milliseconds, ascending. */
    private List<Double> times(Before before) throws Exception {
        var times = new ArrayList<Double>();
        for (int get = 0; get < WARM_UP + GETS; get++) {
            before.run();
            long began = System.nanoTime();
            get();
            double millis = (System.nanoTime() - began) / 1e6;
            if (get >= WARM_UP) {
                times.add(millis);
            }
        }
        return times.stream().sorted().toList();
    }

    private static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.min(sorted.size() - 1, share * sorted.size()));
    }

    private byte[] get() throws Exception {
        var request = HttpRequest.newBuilder(URI.create(URL + "/metrics"))
                .header("Cookie", "rf_session=" + SESSION)
                .header("Accept", ACCEPT)
                .header("Accept-Encoding", "gzip")
                .build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200
                || !answer.headers().firstValue("Content-Encoding").equals(Optional.of("gzip"))) {
            throw new AssertionError(answer.statusCode() + " " + answer.headers());
        }
        return answer.body();
    }

    /** A change by another program, after which the server keeps nothing that it has read. */
    private static void change() throws SQLException {
        try (var db = connect();
                var statement = db.createStatement()) {
            statement.execute("UPDATE repositories SET name = name WHERE id = '01RR" + "%022d".formatted(0) + "'");
        }
    }

    private static Connection connect() throws SQLException {
        var file = Path.of(System.getProperty("metrics.data")).resolve("restic-fleet.db");
        return DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=60000");
    }

    private static void seed() throws SQLException {
        long now = Instant.now().toEpochMilli();
        try (var db = connect();
                var sql = db.createStatement()) {
            db.setAutoCommit(false);
            sql.execute("CREATE TEMP TABLE numbers AS WITH RECURSIVE numbers(n) AS"
                    + " (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < "
                    + (HOSTS * SCHEDULES * DAYS - 1) + ") SELECT n FROM numbers");
            sql.execute(
                    "INSERT INTO hosts (id, name, hostname, public_key, os, arch, time_zone, agent_version, restic_version,"
                            + " created_at, last_seen_at) SELECT " + id("HH", "n")
                            + ", 'host-' || printf('%04d', n), 'host-' || n,"
                            + " 'none', 'linux', 'amd64', 'UTC', '0.1.0', '0.18.0', " + now + ", " + now
                            + " FROM numbers WHERE n < " + HOSTS);
            sql.execute("INSERT INTO host_schedule_version (host_id, version, applied_version) SELECT " + id("HH", "n")
                    + ", 1, 1 FROM numbers WHERE n < " + HOSTS);
            sql.execute(
                    "INSERT INTO repositories (id, name, url, location, created_at, status, status_since_at, size_bytes,"
                            + " last_check_at, last_check_ok, last_check_share, last_prune_at) SELECT " + id("RR", "n")
                            + ", 'rest:https://nas/' || n, '', 'rest:https://nas/' || n, " + now + ", 'ok', " + now
                            + ", 123456789012, " + now + ", 1, 0.05, " + now + " FROM numbers WHERE n < "
                            + REPOSITORIES);
            sql.execute(
                    "INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums) SELECT "
                            + id("HH", "n") + ", " + id("RR", "n % " + REPOSITORIES) + ", " + now
                            + ", 1, 100, '' FROM numbers WHERE n < "
                            + HOSTS);
            sql.execute(
                    "INSERT INTO schedules (id, host_id, kind, name, enabled, cron, paths_json, excludes_json, tags_json,"
                            + " retention_json, options_json, hooks_json, created_at, updated_at) SELECT "
                            + id("SS", "n") + ", "
                            + id("HH", "n / " + SCHEDULES) + ", 'backup', CASE n % " + SCHEDULES
                            + " WHEN 0 THEN 'nightly' WHEN 1 THEN 'documents' ELSE 'database' END, 1, (n % 60) || ' 2 * * *',"
                            + " '[\"/etc\"]', '[]', '[]', '{}', '{}', '{}', " + now + ", " + now
                            + " FROM numbers WHERE n < "
                            + HOSTS * SCHEDULES);
            sql.execute("INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, created_at,"
                    + " started_at, finished_at, snapshot_id, stats_json) SELECT " + id("JJ", "n") + ", "
                    + id("HH", "n % " + HOSTS * SCHEDULES + " / " + SCHEDULES) + ", "
                    + id("SS", "n % " + HOSTS * SCHEDULES)
                    + ", 'backup', iif(n % 40 = 3, 'failed', 'succeeded'), 'cron', t, t, t, t + 754321, 'abcdef12',"
                    + " '{\"total_files_processed\":' || (100000 + n) || ',\"total_bytes_processed\":' || (10000000000 + n * 1000)"
                    + " || ',\"data_added\":' || (1000000 + n) || '}' FROM (SELECT n, " + now + " - (" + DAYS
                    + " - n / "
                    + HOSTS * SCHEDULES + ") * 86400000 + n % 3600000 AS t FROM numbers)");
            db.commit();
        }
    }

    /** A ULID of this type of rows, in the order of their numbers. */
    private static String id(String type, String number) {
        return "'01" + type + "' || printf('%022d', " + number + ")";
    }
}
