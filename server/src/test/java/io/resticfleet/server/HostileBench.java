package io.resticfleet.server;

import static io.resticfleet.server.Samples.NIGHTLY;

import com.github.f4b6a3.ulid.UlidCreator;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Measures how long the results of a machine wait for their acknowledgement while another one attacks, and writes rows of a
 * table to {@code hostile.report}; run by {@code scripts/bench.sh hostile}.
 */
class HostileBench {

    /** Of results; each attack is repeated until there are as many. */
    private static final int RESULTS = 300;

    /** Between two results. */
    private static final int PAUSE_MS = 20;

    @RegisterExtension
    final TestServer server = new TestServer();

    private final List<String> rows = new ArrayList<>();
    private String schedule;
    private AgentClient agent;
    private long sequence;

    @Test
    void acknowledgements() throws Exception {
        var hostile = server.enrol("hostile");
        var other = server.enrol("other");
        schedule = other.addSchedule(NIGHTLY);
        server.stop();
        rows.add("| attack | results | p50, ms | p99, ms | slowest, ms |");
        rows.add("|---|---|---|---|---|");
        try (var installed = InstalledServer.start(server.directory(), "--jobs-per-day", "100000")) {
            agent = other.connectInSyncTo(installed.url());
            measure("warm-up", () -> TimeUnit.SECONDS.sleep(5));
            rows.remove(rows.size() - 1);
            measure("none", () -> TimeUnit.SECONDS.sleep(5));
            var attacks = new HostileHost(server, hostile, installed.url(), schedule, 300).attacks();
            for (var attack : attacks.entrySet()) {
                measure(attack.getKey(), attack.getValue());
            }
        }
        Files.write(Path.of(System.getProperty("hostile.report")), rows);
    }

    private void measure(String name, HostileHost.Attack attack) throws Exception {
        var times = new ArrayList<Double>();
        while (times.size() < RESULTS) {
            var running = CompletableFuture.runAsync(() -> {
                try {
                    attack.run();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            do {
                times.add(acknowledged());
            } while (!hasEnded(running));
        }
        var sorted = times.stream().sorted().toList();
        int count = sorted.size();
        rows.add("| %s | %d | %.1f | %.1f | %.1f |"
                .formatted(name, count, sorted.get(count / 2), sorted.get(count * 99 / 100), sorted.get(count - 1)));
    }

    /** Milliseconds. */
    private double acknowledged() throws Exception {
        sequence++;
        var job = UlidCreator.getMonotonicUlid().toString();
        var result = new SampleReports(server).finished(sequence, job, schedule);
        long began = System.nanoTime();
        agent.send(result);
        while (agent.receive(ToAgent.EventAck.class).sequence() != sequence) {
            // of an earlier one
        }
        return (System.nanoTime() - began) / 1e6;
    }

    private static boolean hasEnded(CompletableFuture<?> attack) throws Exception {
        try {
            attack.get(PAUSE_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}
