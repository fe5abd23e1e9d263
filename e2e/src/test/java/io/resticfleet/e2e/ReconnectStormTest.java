package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server with hundreds of machines, a thousand in the long form, is killed and restarted; real links reconnect to it.
 */
@Tag("faults")
class ReconnectStormTest {

    private static final int AT_ONCE = 8;
    private static final Duration TO_COME_BACK = Duration.ofSeconds(180);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @RegisterExtension
    final Fleet fleet = new Fleet();

    private List<LinkOnlyAgent> agents = List.of();

    @AfterEach
    void close() {
        agents.parallelStream().forEach(LinkOnlyAgent::close);
    }

    @Test
    void hundreds_of_agents_reconnect_to_a_killed_server_spread_over_seconds() throws Exception {
        int count = new Faults(ReconnectStormTest.class).count(300, 1_000);
        var client = HttpClient.newHttpClient();
        agents = all(count, i -> LinkOnlyAgent.enrol(fleet.server(), client, "web-" + i));
        var challenges = new ConcurrentLinkedQueue<Long>();
        agents.forEach(agent -> agent.start(challenges));
        within(TO_COME_BACK, () -> assertThat(agents).allMatch(LinkOnlyAgent::connected));

        challenges.clear();
        long killedAt = System.nanoTime();
        fleet.server().kill();
        within(TO_COME_BACK, () -> assertThat(agents).noneMatch(LinkOnlyAgent::connected));
        fleet.server().restart();
        long listeningAt = System.nanoTime();
        within(TO_COME_BACK, () -> assertThat(agents).allMatch(LinkOnlyAgent::connected));
        long backAt = System.nanoTime();

        System.out.printf(
                "faults: %d agents were back %.1f s after the server was killed and %.1f s after it listened again; %d"
                        + " connections, at most %d in one second%n",
                count,
                seconds(killedAt, backAt),
                seconds(listeningAt, backAt),
                challenges.size(),
                mostPerSecond(challenges));
        within(
                TO_COME_BACK,
                () -> assertThat(fleet.server().items("/api/hosts?limit=1000"))
                        .hasSize(count)
                        .allMatch(host -> host.path("status").asText().equals("online")));
        assertThat(agents).allMatch(LinkOnlyAgent::connected);
    }

    private static double seconds(long from, long to) {
        return (double) (to - from) / SECOND;
    }

    /** The maximum within any second. */
    private static long mostPerSecond(Queue<Long> challenges) {
        return challenges.stream()
                .mapToLong(from -> challenges.stream()
                        .filter(at -> at >= from && at - from < SECOND)
                        .count())
                .max()
                .orElse(0);
    }

    private interface Making {
        LinkOnlyAgent of(int number) throws Exception;
    }

    private static List<LinkOnlyAgent> all(int count, Making making) throws Exception {
        var threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            var tasks = IntStream.range(0, count)
                    .<Callable<LinkOnlyAgent>>mapToObj(i -> () -> making.of(i))
                    .toList();
            return threads.invokeAll(tasks).stream()
                    .map(done -> {
                        try {
                            return done.get();
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    })
                    .toList();
        } finally {
            threads.shutdown();
        }
    }
}
