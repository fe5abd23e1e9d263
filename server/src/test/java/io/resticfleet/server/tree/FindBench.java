package io.resticfleet.server.tree;

import static io.resticfleet.server.tree.ListingAgent.id;
import static io.resticfleet.server.tree.ListingAgent.snapshot;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.ListingHeader;
import io.resticfleet.protocol.listing.ListingWriter;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import io.resticfleet.server.Eventually;
import io.resticfleet.server.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Measures searches in the names of many machines, which are made up; run by {@code scripts/bench.sh find}. Properties:
 * {@code find.hosts} machines with 100,000 files each, {@code find.report} for the rows of a table.
 */
class FindBench {

    private static final int HOSTS = Integer.getInteger("find.hosts", 100);
    private static final int DIRECTORIES = 10_000;
    private static final int FILES_OF_DIRECTORY = 9;
    private static final int SEARCHES = 400;
    private static final List<String> ENDS = List.of(".jpg", ".txt", ".pdf", ".py", ".so.1", ".html", "", ".log", ".c");

    @RegisterExtension
    final TestServer server = new TestServer(Map.of("--index-size", "8192"));

    private final List<String> rows = new ArrayList<>();
    private final Random random = new Random(1);
    private final List<String> words = words();

    private List<String> words() {
        var syllables = "ba ke li mo nu ra se ti vo xu an er in or um stra ple tion gra fe".split(" ");
        var made = new HashSet<String>();
        while (made.size() < 5_000) {
            var word = new StringBuilder();
            for (int i = 0; i < 2 + random.nextInt(3); i++) {
                word.append(syllables[random.nextInt(syllables.length)]);
            }
            made.add(word.toString());
        }
        return List.copyOf(made);
    }

    private String word() {
        return words.get((int) Math.min(words.size() - 1, Math.abs(random.nextGaussian()) * words.size() / 4));
    }

    @Test
    void find() throws Exception {
        long begun = System.nanoTime();
        for (int i = 0; i < HOSTS; i++) {
            var agent = ListingAgent.connect(server, "host-%03d".formatted(i));
            var snapshotId = id("%08x".formatted(i + 0x10000000));
            var tree = id("%04x".formatted(i + 0x1000));
            agent.report(snapshot(snapshotId, server.now(), agent.host.hostname(), tree, "/srv"));
            var status = agent.upload(agent.wanted().transfer(), listing(snapshotId, tree));
            if (status.statusCode() != 204) {
                throw new AssertionError(status.body());
            }
            agent.agent.abort();
        }
        long stored = System.nanoTime();
        Eventually.within(1_800, () -> {
            var found = server.api().get("/api/find?q=nowhere-at-all").json();
            if (found.path("incomplete").asBoolean()) {
                throw new AssertionError("incomplete");
            }
            return true;
        });
        rows.add(String.format(
                Locale.ROOT,
                "%d machines, %,d names: stored in %d s, searchable after %d s; index.db %d MiB, find.db %d MiB.",
                HOSTS,
                HOSTS * DIRECTORIES * (FILES_OF_DIRECTORY + 1),
                (stored - begun) / 1_000_000_000,
                (System.nanoTime() - begun) / 1_000_000_000,
                Files.size(server.directory().resolve("index.db")) >> 20,
                Files.size(server.directory().resolve("find.db")) >> 20));
        rows.addAll(List.of("", "| | p50, ms | p99, ms (goal: 100) | slowest, ms |", "|---|---|---|---|"));
        measure("a whole word", () -> word());
        measure("two words", () -> word() + "-" + word());
        measure("a part", () -> word().substring(1));
        measure("three letters", () -> word().substring(0, 3));
        measure("what is not there", () -> word() + "zzq");
        measure("a pattern", () -> word() + "*.jpg");
        measure("one letter", () -> word().substring(0, 1));
        measure("a path", () -> "/" + word() + "/" + word());
        Files.write(Path.of(System.getProperty("find.report")), rows);
    }

    private interface Queries {
        String next();
    }

    private void measure(String what, Queries queries) throws Exception {
        var times = new ArrayList<Long>();
        for (int i = 0; i < SEARCHES; i++) {
            long begun = System.nanoTime();
            server.api().get("/api/find?limit=50&q=" + queries.next());
            times.add(System.nanoTime() - begun);
        }
        times.subList(0, SEARCHES / 8).clear(); // warm-up
        times.sort(null);
        rows.add(String.format(
                Locale.ROOT,
                "| %s | %.1f | %.1f | %.1f |",
                what,
                times.get(times.size() / 2) / 1e6,
                times.get(times.size() * 99 / 100) / 1e6,
                times.get(times.size() - 1) / 1e6));
    }

    private byte[] listing(String snapshotId, String tree) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var writer = new ListingWriter(bytes, new ListingHeader(snapshotId, tree))) {
            writer.write(node(1, "srv", NodeType.DIRECTORY));
            for (var outer : names(100)) {
                writer.write(node(2, outer, NodeType.DIRECTORY));
                for (var inner : names(DIRECTORIES / 100)) {
                    writer.write(node(3, inner, NodeType.DIRECTORY));
                    for (var file : names(FILES_OF_DIRECTORY)) {
                        writer.write(node(4, file, NodeType.FILE));
                    }
                }
            }
            writer.end();
        }
        return bytes.toByteArray();
    }

    private TreeSet<String> names(int count) {
        var names = new TreeSet<String>();
        while (names.size() < count) {
            names.add(word() + "-" + word() + (random.nextBoolean() ? "" : "_" + random.nextInt(10_000))
                    + ENDS.get(random.nextInt(ENDS.size())));
        }
        return names;
    }

    private TreeNode node(int depth, String name, NodeType type) {
        boolean directory = type == NodeType.DIRECTORY;
        return new TreeNode(
                depth,
                RawText.of(name),
                type,
                directory ? 0 : random.nextInt(1_000_000),
                Instant.ofEpochSecond(1_600_000_000 + random.nextInt(100_000_000)),
                directory ? 0755 : 0644,
                0,
                0,
                "root",
                "root",
                Optional.empty(),
                directory ? 0 : 1);
    }
}
