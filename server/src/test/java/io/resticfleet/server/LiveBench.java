package io.resticfleet.server;

import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.SeededHistory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Measures what open dashboards of a busy fleet cost the server, and writes rows of a table; run by
 * {@code scripts/bench.sh live}, which starts the server. Properties: {@code live.url},
 * {@code live.session} (a cookie), {@code live.data} (the server's directory), {@code live.pid}, {@code live.seconds}, {@code live.rounds}
 * and {@code live.report}.
 */
class LiveBench {

    private static final String URL = System.getProperty("live.url");
    private static final String SESSION = System.getProperty("live.session");
    private static final Path DATA = Path.of(System.getProperty("live.data", "."));
    private static final long SECONDS = Long.getLong("live.seconds", 60);
    private static final int ROUNDS = Integer.getInteger("live.rounds", 5);
    private static final double TICKS_PER_SECOND = 100;

    /**
     * Until the server is as it stays: code that runs once a second is compiled only after 200 runs, and the checks for
     * missed runs begin five minutes after the start.
     */
    private static final Duration WARM_UP = Agents.START_GRACE.plusMinutes(1);

    private final List<OpenDashboard> open = new ArrayList<>();

    private record Cost(double percent, double fetches, double kilobytes) {}

    @Test
    void open_dashboards() throws Exception {
        try (var history = SeededHistory.in(DATA)) {
            history.large(Instant.now());
        }
        try (var fleet = new BusyFleet(URL, DATA)) {
            fleet.start();
            show(10);
            pause(WARM_UP.toSeconds());
            closeAll();
            var none = new ArrayList<Cost>();
            var one = new ArrayList<Cost>();
            var ten = new ArrayList<Cost>();
            for (int round = 0; round < ROUNDS; round++) {
                if (round % 2 == 0) {
                    none.add(measure(0));
                    one.add(measure(1));
                    ten.add(measure(10));
                } else {
                    ten.add(measure(10));
                    one.add(measure(1));
                    none.add(measure(0));
                }
            }
            Files.write(
                    Path.of(System.getProperty("live.report")),
                    List.of(
                            "| open dashboards | % of a core | … more than none in the same round | fetches/s | KB/s |",
                            "|---|---|---|---|---|",
                            row("none", none, none),
                            row("one", one, none),
                            row("ten", ten, none)));
        }
    }

    /** Medians, and the range of the difference. */
    private static String row(String dashboards, List<Cost> costs, List<Cost> without) {
        var more = IntStream.range(0, costs.size())
                .mapToDouble(i -> costs.get(i).percent - without.get(i).percent)
                .sorted()
                .toArray();
        return "| %s | %.2f | %.2f (%.2f to %.2f) | %.1f | %.1f |"
                .formatted(
                        dashboards,
                        median(costs, Cost::percent),
                        more[more.length / 2],
                        more[0],
                        more[more.length - 1],
                        median(costs, Cost::fetches),
                        median(costs, Cost::kilobytes));
    }

    private static double median(List<Cost> costs, ToDoubleFunction<Cost> what) {
        return costs.stream().mapToDouble(what).sorted().toArray()[costs.size() / 2];
    }

    private Cost measure(int dashboards) throws Exception {
        show(dashboards);
        pause(3);
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
        pause(2);
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
