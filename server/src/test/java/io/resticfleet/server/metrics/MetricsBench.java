package io.resticfleet.server.metrics;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static final int DAYS = 35;
    private static final int WARM_UP = 100;
    private static final int GETS = 200;

    private static final String URL = System.getProperty("metrics.url");
    private static final LargeFleet FLEET = new LargeFleet(
            Path.of(System.getProperty("metrics.data", "")),
            1_000,
            Integer.getInteger("metrics.schedules", 1),
            Integer.getInteger("metrics.repositories", 1),
            DAYS,
            Instant.now());

    private static final String SESSION = System.getProperty("metrics.session");

    /** As Prometheus asks. */
    private static final String ACCEPT =
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void figures() throws Exception {
        FLEET.seed();
        var still = times(() -> {}, "gzip");
        var plain = times(() -> {}, "identity");
        var changed = times(MetricsBench::change, "gzip");
        byte[] sent = get("gzip");
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
                        "Machines: %,d; backup schedules: %,d; repositories: %,d; jobs: %,d; series: %,d. %d requests of each kind."
                                .formatted(
                                        FLEET.hosts(),
                                        FLEET.hosts() * FLEET.schedules(),
                                        FLEET.repositories(),
                                        FLEET.jobs(),
                                        series,
                                        GETS),
                        "",
                        "| | | goal |",
                        "|---|---|---|",
                        "| nothing has changed since the last request, gzip as Prometheus asks: p50, ms | %.0f | |"
                                .formatted(at(still, 0.5)),
                        "| … p99 | %.0f | 100 |".formatted(at(still, 0.99)),
                        "| the same uncompressed: p50, ms | %.0f | |".formatted(at(plain, 0.5)),
                        "| … p99 | %.0f | 100 |".formatted(at(plain, 0.99)),
                        "| all machines have to be read again, gzip: p50, ms | %.0f | |".formatted(at(changed, 0.5)),
                        "| … p99 | %.0f | |".formatted(at(changed, 0.99)),
                        "| size as sent (gzip), MB | %.2f | |".formatted(sent.length / 1e6),
                        "| the same uncompressed, MB | %.2f | 1 |".formatted(text.length / 1e6)));
    }

    private interface Before {
        void run() throws SQLException;
    }

    /** Milliseconds, ascending. */
    private List<Double> times(Before before, String encoding) throws Exception {
        var times = new ArrayList<Double>();
        for (int get = 0; get < WARM_UP + GETS; get++) {
            before.run();
            long began = System.nanoTime();
            get(encoding);
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

    private byte[] get(String encoding) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(URL + "/metrics"))
                .header("Cookie", "rf_session=" + SESSION)
                .header("Accept", ACCEPT)
                .header("Accept-Encoding", encoding)
                .build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        boolean zipped = answer.headers().firstValue("Content-Encoding").equals(Optional.of("gzip"));
        if (answer.statusCode() != 200 || zipped != encoding.equals("gzip")) {
            throw new AssertionError(answer.statusCode() + " " + answer.headers());
        }
        return answer.body();
    }

    /** A change by another program, after which the server keeps nothing that it has read. */
    private static void change() throws SQLException {
        try (var db = FLEET.connect();
                var statement = db.createStatement()) {
            statement.execute("UPDATE repositories SET name = name WHERE id = '01RR" + "%022d".formatted(0) + "'");
        }
    }
}
