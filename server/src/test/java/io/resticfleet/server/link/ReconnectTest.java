package io.resticfleet.server.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All the agents of a large fleet, when their server comes back. */
@Tag("faults")
class ReconnectTest {

    private static final int AGENTS = 1_000;

    /** Fewer than the requests without authentication that a server takes from one address at the same time. */
    private static final int ENROLLED_AT_ONCE = 10;

    /** As many as dial at once where a thousand spread over ten seconds. */
    private static final int AT_ONCE = 100;

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void a_thousand_agents_are_let_in_as_fast_as_they_come() throws Exception {
        List<EnrolledAgent> machines = all(ENROLLED_AT_ONCE, i -> server.enrol("web-" + i));
        server.stop();
        server.start();

        long began = System.nanoTime();
        List<AgentClient> agents = all(AT_ONCE, i -> machines.get(i).connect());
        System.out.printf("%d agents were let in within %d ms%n", AGENTS, (System.nanoTime() - began) / 1_000_000);

        assertThat(agents).noneMatch(AgentClient::isClosed);
        assertThat(server.api().get("/api/hosts?limit=200").text())
                .doesNotContain("awaited")
                .contains("online");
    }

    private interface Making<T> {
        T of(int number) throws Exception;
    }

    private static <T> List<T> all(int atOnce, Making<T> making) throws Exception {
        var threads = Executors.newFixedThreadPool(atOnce);
        try {
            var tasks = IntStream.range(0, AGENTS)
                    .<Callable<T>>mapToObj(i -> () -> making.of(i))
                    .toList();
            return threads.invokeAll(tasks).stream().map(ReconnectTest::result).toList();
        } finally {
            threads.shutdown();
        }
    }

    private static <T> T result(Future<T> task) {
        try {
            return task.get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
