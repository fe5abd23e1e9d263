package io.resticfleet.server.tree;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.tree.ListingAgent.id;
import static io.resticfleet.server.tree.ListingAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.TestServer;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An index that is full, or damaged. */
class EvictionTest {

    private static final int SNAPSHOTS = 11;

    /** Two thirds of it are for trees. */
    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--index-size", "3"));

    private final Random random = new Random(1);

    /** Takes some 220 KiB of the index, and has nothing in common with others. */
    private SampleListing large() {
        var files = new SampleListing();
        IntStream.range(0, 12_000)
                .forEach(i -> files.file(
                        SnapshotPath.of("/srv/%016x".formatted(random.nextLong())),
                        random.nextInt(1_000_000),
                        random.nextInt()));
        return files;
    }

    private List<Boolean> indexed(List<String> ids) throws Exception {
        var indexed = new ArrayList<Boolean>();
        for (var id : ids) {
            var other = server.api().get("/api/snapshots/" + id + "/diff/" + id);
            indexed.add(other.status() == 200);
        }
        return indexed;
    }

    @Test
    void the_oldest_snapshots_of_the_host_that_takes_most_are_forgotten_and_not_asked_for_again() throws Exception {
        var small = ListingAgent.connect(server, "small");
        var old = id("cccc0001");
        small.report(snapshot(old, server.now().minus(Duration.ofDays(900)), "small", id("c1"), "/srv"));
        small.answer(new SampleListing().file("/srv/kept", 1), id("c1"));
        var large = ListingAgent.connect(server, "large");
        var ids = IntStream.range(0, SNAPSHOTS)
                .mapToObj(i -> id("aaaa%04d".formatted(i)))
                .toList();
        large.report(IntStream.range(0, SNAPSHOTS)
                .mapToObj(
                        i -> snapshot(ids.get(i), server.now().minus(Duration.ofDays(i)), "large", id("b" + i), "/srv"))
                .toArray(io.resticfleet.protocol.Snapshot[]::new));
        for (int i = 0; i < SNAPSHOTS - 2; i++) {
            assertThat(large.answer(large(), id("b" + i)).statusCode()).isEqualTo(204);
        }

        eventually(() -> assertThat(indexed(ids)).startsWith(true, true, true).contains(false));
        assertThat(indexed(List.of(old))).containsExactly(true);
        assertThat(Files.size(server.directory().resolve("index.db"))).isLessThan(4L * 1024 * 1024);
        assertThat(large.agent.drain()).doesNotHaveAnyElementsOfTypes(ToAgent.TreeWanted.class);
    }

    @Test
    void a_damaged_index_is_made_anew() throws Exception {
        var web = ListingAgent.connect(server, "web");
        var id = id("aaaa0001");
        web.report(snapshot(id, server.now(), "web", id("a1"), "/srv"));
        web.answer(new SampleListing().file("/srv/a", 1), id("a1"));
        web.agent.abort();
        server.stop();
        try (var file =
                new RandomAccessFile(server.directory().resolve("index.db").toFile(), "rw")) {
            file.write(new byte[200]);
        }
        Files.write(server.directory().resolve("find.db"), new byte[4_096]);

        server.start();

        assertThat(indexed(List.of(id))).containsExactly(false);
        assertThat(server.api().get("/api/find?q=abc").json().path("incomplete").asBoolean())
                .isTrue();
    }
}
