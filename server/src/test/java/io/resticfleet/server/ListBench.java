package io.resticfleet.server;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Measures the lists of the API with a million jobs, and writes rows of a table; run by {@code scripts/bench.sh lists}, which
 * starts the server. Properties say where: {@code lists.url}, {@code lists.session} (a cookie), {@code lists.data} (the
 * server's directory) and {@code lists.report}.
 */
class ListBench {

    private static final int HOSTS = 500;
    private static final int WARM_UP = 50;
    private static final int GETS = 300;
    private static final int GOAL_MS = 50;

    private static final String URL = System.getProperty("lists.url");
    private static final String SESSION = System.getProperty("lists.session");

    /** A ULID of this type of rows, in the order of their numbers. */
    private static final String ID = "'01%s' || printf('%%022d', n)";

    private static final String NUMBERS =
            "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d - 1) ";

    @Test
    void lists() throws Exception {
        seed();
        var host = "01HH" + "%022d".formatted(7);
        var repository = "01RR" + "%022d".formatted(0);
        var middle = "01JJ" + "%022d".formatted(500_000);
        var rows = new ArrayList<>(List.of(
                "1,000,000 jobs of %d hosts, 200,000 snapshots, 100,000 changes in the audit log; %d requests each, limit 100."
                        .formatted(HOSTS, GETS),
                "",
                "| | p50, ms | p99, ms (goal: %d) |".formatted(GOAL_MS),
                "|---|---|---|"));
        for (var path : List.of(
                "/api/hosts",
                "/api/hosts/" + host + "/snapshots",
                "/api/jobs",
                "/api/jobs?cursor=" + middle,
                "/api/jobs?host=" + host,
                "/api/jobs?host=" + host + "&kind=check&status=failed",
                "/api/jobs?kind=check",
                "/api/jobs?kind=check&cursor=" + middle,
                "/api/jobs?status=failed",
                "/api/jobs?kind=check&status=failed",
                "/api/jobs?kind=prune&status=cancelled",
                "/api/jobs?repository=" + repository,
                "/api/jobs?repository=" + repository + "&kind=check",
                "/api/jobs?repository=" + repository + "&status=failed",
                "/api/jobs?repository=" + repository + "&kind=check&status=failed",
                "/api/audit",
                "/api/audit?host=" + host,
                "/api/tokens")) {
            var times = times(path);
            rows.add("| `%s` | %.1f | %.1f |"
                    .formatted(
                            path.replace(host, "…").replace(repository, "…").replace(middle, "…"),
                            times.get(GETS / 2),
                            times.get(GETS * 99 / 100)));
        }
        Files.write(Path.of(System.getProperty("lists.report")), rows);
    }

    /** Milliseconds, ascending. */
    private static List<Double> times(String path) throws Exception {
        var client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var request = HttpRequest.newBuilder(URI.create(URL + path))
                .header("Cookie", "rf_session=" + SESSION)
                .build();
        var times = new ArrayList<Double>();
        for (int get = 0; get < WARM_UP + GETS; get++) {
            long began = System.nanoTime();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            double millis = (System.nanoTime() - began) / 1e6;
            if (answer.statusCode() != 200) {
                throw new AssertionError(path + ": " + answer.statusCode());
            }
            if (get >= WARM_UP) {
                times.add(millis);
            }
        }
        return times.stream().sorted().toList();
    }

    /** Fills the database of the running server by SQL: half of the hosts share one repository, in which most jobs ran. */
    private static void seed() throws SQLException {
        var file = Path.of(System.getProperty("lists.data")).resolve("restic-fleet.db");
        var now = Instant.now().toEpochMilli();
        try (var db = DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=60000")) {
            db.setAutoCommit(false);
            run(
                    db,
                    HOSTS,
                    "INSERT INTO hosts (id, name, hostname, public_key, os, arch, time_zone, agent_version, created_at,"
                            + " last_seen_at) SELECT " + ID.formatted("HH")
                            + ", 'host-' || n, 'host-' || n, 'none', 'linux',"
                            + " 'amd64', 'UTC', '0.1.0', " + now + ", " + now + " FROM numbers");
            run(
                    db,
                    HOSTS,
                    "INSERT INTO host_schedule_version (host_id, version, applied_version) SELECT " + ID.formatted("HH")
                            + ", 1, 1 FROM numbers");
            run(
                    db,
                    HOSTS,
                    "INSERT INTO repositories (id, name, location, created_at) SELECT " + ID.formatted("RR")
                            + ", 'rest:http://nas/' || n, 'rest:http://nas/' || n, " + now + " FROM numbers");
            run(
                    db,
                    HOSTS,
                    "INSERT INTO host_repositories (host_id, repository_id, url, updated_at, position) SELECT "
                            + ID.formatted("HH") + ", '01RR' || printf('%022d', max(0, n - 250)), 'rest:http://nas/', "
                            + now
                            + ", 1 FROM numbers");
            run(
                    db,
                    1_000_000,
                    "INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at, started_at,"
                            + " finished_at, repository_id, repository_url, stats_json, result_sequence) SELECT "
                            + ID.formatted("JJ") + ", '01HH' || printf('%022d', n % " + HOSTS + "),"
                            + " iif(n % 50 = 7, 'check', iif(n % 1000 = 9, 'prune', 'backup')),"
                            + " iif(n % 40 = 3, 'failed', iif(n % 40000 = 9, 'cancelled', 'succeeded')), 'cron', "
                            + now + " - (1000000 - n) * 30000, " + now + " - (1000000 - n) * 30000, " + now
                            + " - (1000000 - n) * 30000 + 9000, '01RR' || printf('%022d', max(0, n % " + HOSTS
                            + " - 250)), 'rest:http://nas/', iif(n % 50 = 7 OR n % 1000 = 9, '{}', '{\"files_new\":1,"
                            + "\"files_changed\":2,\"files_unmodified\":3,\"dirs_new\":0,\"dirs_changed\":0,"
                            + "\"dirs_unmodified\":0,\"data_added\":100000,\"total_files_processed\":6,"
                            + "\"total_bytes_processed\":1000000,\"total_duration\":1.5,\"error_count\":0}'), n FROM numbers");
            run(
                    db,
                    200_000,
                    "INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in)"
                            + " SELECT '01HH' || printf('%022d', n % 20), '01RR' || printf('%022d', 0), lower(hex(randomblob(32))), "
                            + now + " - n * 60000, json_object('id', printf('%064d', n), 'short_id', 'ab', 'time',"
                            + " '2026-03-01T12:00:00Z', 'hostname', 'host', 'username', 'root', 'paths', json('[\"/etc\"]'),"
                            + " 'tags', json('[]')), 1 FROM numbers");
            run(
                    db,
                    20,
                    "INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums)"
                            + " SELECT " + ID.formatted("HH") + ", '01RR' || printf('%022d', 0), " + now
                            + ", 1, 10000, '' FROM numbers");
            run(
                    db,
                    100_000,
                    "INSERT INTO audit_log (id, at, actor, action, host_id, target_id, detail_json) SELECT "
                            + ID.formatted("AA") + ", " + now
                            + ", 'anna', 'schedule.update', '01HH' || printf('%022d', n % " + HOSTS
                            + "), 'x', '{}' FROM numbers");
            db.commit();
        }
    }

    private static void run(Connection db, int rows, String insert) throws SQLException {
        try (var statement = db.createStatement()) {
            statement.execute(insert.replaceFirst(
                    "(?= SELECT )", " " + NUMBERS.formatted(rows).replace("\\", "\\\\")));
        }
    }
}
