package io.resticfleet.server;

import io.resticfleet.server.page.History;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Measures what open dashboards of a busy fleet cost the server, and writes rows of a table; run by
 * {@code scripts/bench.sh live}, which starts the server. Properties: {@code live.url},
 * {@code live.session} (a cookie), {@code live.data} (the server's directory), {@code live.pid}, {@code live.seconds} and
 * {@code live.report}.
 */
class LiveBench {

    private static final String URL = System.getProperty("live.url");
    private static final String SESSION = System.getProperty("live.session");
    private static final Path DATA = Path.of(System.getProperty("live.data", "."));
    private static final long SECONDS = Long.getLong("live.seconds", 60);
    private static final double TICKS_PER_SECOND = 100;

    private final List<OpenDashboard> open = new ArrayList<>();

    private record Cost(double percent, double fetches, double kilobytes) {

        /** With the difference to the measurements without dashboards before and after. */
        String row(String dashboards, Cost before, Cost after) {
            return "| %s | %.2f | %.2f | %.1f | %.1f |"
                    .formatted(dashboards, percent, percent - (before.percent + after.percent) / 2, fetches, kilobytes);
        }
    }

    @Test
    void open_dashboards() throws Exception {
        try (var history = History.in(DATA)) {
            history.large(Instant.now());
        }
        try (var fleet = new BusyFleet(URL, DATA)) {
            fleet.start();
            show(3); // to compile the code first
            pause(SECONDS);
            closeAll();
            var first = measure(0);
            var one = measure(1);
            var second = measure(0);
            var ten = measure(10);
            var third = measure(0);
            Files.write(
                    Path.of(System.getProperty("live.report")),
                    List.of(
                            "| open dashboards | % of a core | … more than without, before and after | fetches/s | KB/s |",
                            "|---|---|---|---|---|",
                            second.row("none", first, third),
                            one.row("one", first, second),
                            ten.row("ten", second, third)));
        }
    }

    private Cost measure(int dashboards) throws Exception {
        show(dashboards);
        pause(10);
        long ticks = ticks();
        long fetches = open.stream().mapToLong(page -> page.fetches.get()).sum();
        long bytes = open.stream().mapToLong(page -> page.bytes.get()).sum();
        long began = System.nanoTime();
        pause(SECONDS);
        double seconds = (System.nanoTime() - began) / 1e9;
        var cost = new Cost(
                100 * (ticks() - ticks) / TICKS_PER_SECOND / seconds,
                (open.stream().mapToLong(page -> page.fetches.get()).sum() - fetches) / seconds,
                (open.stream().mapToLong(page -> page.bytes.get()).sum() - bytes) / seconds / 1000);
        closeAll();
        pause(5);
        return cost;
    }

    private void show(int dashboards) throws Exception {
        for (int i = 0; i < dashboards; i++) {
            open.add(new OpenDashboard(URL, SESSION));
        }
    }

    private void closeAll() {
        open.forEach(OpenDashboard::close);
        open.clear();
    }

    private static void pause(long seconds) {
        LockSupport.parkNanos(Duration.ofSeconds(seconds).toNanos());
    }

    /** Processor time of the server so far, in hundredths of a second. */
    private static long ticks() throws Exception {
        var stat = Files.readString(Path.of("/proc", System.getProperty("live.pid"), "stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
