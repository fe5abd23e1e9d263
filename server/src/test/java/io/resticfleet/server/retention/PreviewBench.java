package io.resticfleet.server.retention;

import io.resticfleet.server.page.SeededHistory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Measures the preview of a policy for 10,000 snapshots, and writes rows of a table; run by {@code scripts/bench.sh preview},
 * which starts the server. Properties say where: {@code preview.url}, {@code preview.session} (a cookie), {@code preview.data}
 * (the server's directory) and {@code preview.report}.
 */
class PreviewBench {

    private static final int SNAPSHOTS = 10_000;
    private static final int WARM_UP = 100;
    private static final int POSTS = 200;

    private static final String REPOSITORY = "01RR" + "0".repeat(22);
    private static final String BODY = """
            {"schedule_id": "%s", "retention": {"keep_last": 5, "keep_hourly": 48, "keep_daily": 30, "keep_weekly": 26, \
            "keep_monthly": 24, "keep_yearly": 5}}""";

    @Test
    void preview() throws Exception {
        var times = times(BODY.formatted(seed()));
        Files.write(
                Path.of(System.getProperty("preview.report")),
                List.of(
                        "`POST /api/retention/preview` for an hourly schedule with %,d snapshots; %d requests."
                                .formatted(SNAPSHOTS, POSTS),
                        "",
                        "| fastest, ms | p50, ms (goal: 100) | p99, ms |",
                        "|---|---|---|",
                        "| %.0f | %.0f | %.0f |"
                                .formatted(times.get(0), times.get(POSTS / 2), times.get(POSTS * 99 / 100))));
    }

    /** Milliseconds, ascending. */
    private static List<Double> times(String body) throws Exception {
        var client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var request = HttpRequest.newBuilder(URI.create(System.getProperty("preview.url") + "/api/retention/preview"))
                .header("Cookie", "rf_session=" + System.getProperty("preview.session"))
                .header("Origin", System.getProperty("preview.url"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        var times = new ArrayList<Double>();
        for (int post = 0; post < WARM_UP + POSTS; post++) {
            long began = System.nanoTime();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            double millis = (System.nanoTime() - began) / 1e6;
            if (answer.statusCode() != 200 || answer.body().split("\"snapshot_id\"").length != SNAPSHOTS + 1) {
                throw new AssertionError(answer.statusCode() + " "
                        + answer.body().substring(0, Math.min(500, answer.body().length())));
            }
            if (post >= WARM_UP) {
                times.add(millis);
            }
        }
        return times.stream().sorted().toList();
    }

    /** Fills the database of the running server; the id of a schedule. */
    private static String seed() throws SQLException {
        var data = Path.of(System.getProperty("preview.data"));
        var now = Instant.now();
        var made = now.minus(Duration.ofHours(SNAPSHOTS + 1));
        String host;
        String schedule;
        try (var history = SeededHistory.in(data)) {
            host = history.host("nas", made, now);
            schedule = history.schedule(host, "hourly", "0 * * * *", "hourly", made);
        }
        try (var db = DriverManager.getConnection(
                        "jdbc:sqlite:" + data.resolve("restic-fleet.db") + "?busy_timeout=60000");
                var statement = db.createStatement()) {
            var repository = "'" + REPOSITORY + "'";
            statement.execute("INSERT INTO repositories (id, name, url, location, created_at) VALUES (" + repository
                    + ", 'nas', 'rest:http://nas/', 'rest:http://nas/', " + made.toEpochMilli() + ")");
            statement.execute(
                    "INSERT INTO host_repositories (host_id, repository_id, url, updated_at, position) VALUES ('" + host
                            + "', " + repository + ", 'rest:http://nas/', " + made.toEpochMilli() + ", 1)");
            statement.execute("INSERT INTO retention_listings (repository_id, host_id, taken_at, received_at) VALUES ("
                    + repository + ", '" + host + "', " + now.toEpochMilli() + ", " + now.toEpochMilli() + ")");
            statement.execute(
                    "INSERT INTO retention_snapshots (repository_id, snapshot_id, first_seen_at, time_at, tags_json,"
                            + " named_id, schedule_id, trust, slot_at, status)"
                            + " WITH RECURSIVE numbers(n, at) AS (SELECT 0, "
                            + now.toEpochMilli() / 3_600_000 * 3_600_000
                            + " UNION ALL SELECT n + 1, at - 3600000 FROM numbers WHERE n < " + (SNAPSHOTS - 1) + ")"
                            + " SELECT " + repository
                            + ", lower(hex(randomblob(32))), at + 60000, at + 2000, '[\"schedule:" + schedule
                            + "\"]', '" + schedule + "', '" + schedule + "', 'proven', at, 'succeeded' FROM numbers");
        }
        return schedule;
    }
}
