package io.resticfleet.faults;

import io.resticfleet.server.EmbeddedServer;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.DatabaseDisk;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.recovery.DatabaseRestore;
import io.resticfleet.server.recovery.KeyRestore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The server's machine: a real server over a real database, without HTTP. */
final class ServerNode {

    /** Who is connected is looked at often enough for connections to stand. */
    private static final Duration WATCH = Duration.ofSeconds(40);

    /** Other chores come less often than they do: what they find is found all the same. */
    private static final Duration LAZINESS = Duration.ofMinutes(15);

    private static final Map<String, Duration> OFTEN =
            Map.of("watch", WATCH, "storage", Duration.ofMinutes(2), "missed-runs", Duration.ofMinutes(30));
    private static final Duration STARTED_ANEW = Duration.ofSeconds(20);

    private static final Pattern ACK = Pattern.compile("\\{\"type\":\"event.ack\",\"sequence\":(\\d+)}");

    private final Timeline timeline;
    private final Path dataDir;
    private final List<SimLink> links = new ArrayList<>();
    private final History history;
    private final DatabaseDisk disk = new DatabaseDisk(Killed::new);
    private final List<Restored> restored = new ArrayList<>();
    private final ExclusionChecker exclusionChecker;
    private Instant copiedAt = Timeline.START;
    private Optional<Incarnation> incarnation = Optional.empty();
    private long sessions;

    ServerNode(Timeline timeline, Path dataDir, History history) {
        this.timeline = timeline;
        this.dataDir = dataDir;
        this.history = history;
        this.exclusionChecker = new ExclusionChecker(history);
    }

    History history() {
        return history;
    }

    void connect(SimLink link) {
        links.add(link);
    }

    boolean up() {
        return incarnation.isPresent();
    }

    /** @throws java.util.NoSuchElementException if it is down */
    Incarnation incarnation() {
        return incarnation.orElseThrow();
    }

    String nextSession() {
        return "session-" + sessions++;
    }

    void start() {
        if (up()) {
            return;
        }
        history.note("server starts");
        disk.dieAt(0);
        try {
            begin(EmbeddedServer.start(
                    dataDir, disk, () -> timeline.instant().truncatedTo(ChronoUnit.MILLIS), timeline::nanos));
        } catch (RuntimeException e) {
            history.note("server did not start: " + e.getMessage());
            timeline.after(STARTED_ANEW, this::start);
        }
    }

    private void begin(EmbeddedServer server) {
        var started = new Incarnation(server);
        incarnation = Optional.of(started);
        for (var task : server.tasks()) {
            var least = OFTEN.getOrDefault(task.name(), LAZINESS);
            var every = task.every().compareTo(least) > 0 ? task.every() : least;
            timeline.after(every, () -> again(started, every, task.work()));
        }
    }

    private void again(Incarnation started, Duration every, Runnable task) {
        if (started.alive) {
            started.run(task);
            timeline.after(every, () -> again(started, every, task));
        }
    }

    /** Kill -9. */
    void kill() {
        history.note("server killed");
        incarnation.ifPresent(ending -> {
            incarnation = Optional.empty();
            ending.alive = false;
            ending.server.close(); // what was committed is there, and nothing else
            links.forEach(SimLink::serverDied);
        });
    }

    /** Makes a copy of the database, in the place of the last. */
    void copy() {
        history.note("the database is copied");
        try {
            Files.deleteIfExists(kept());
            DatabaseFile.copy(dataDir, kept());
            copiedAt = timeline.instant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the last copy back, and starts the server. */
    void restore() {
        kill();
        history.note("the database is restored from a copy");
        var config = ServerConfig.from(Map.of(), Map.of("--data-dir", dataDir.toString()));
        DatabaseRestore.run(
                dataDir, kept(), timeline::instant, new KeyRestore(config, Optional::empty, timeline.instant()));
        restored.add(new Restored(copiedAt, timeline.instant()));
        start();
    }

    private static Optional<Long> acknowledged(String frame) {
        var ack = ACK.matcher(frame);
        return ack.matches() ? Optional.of(Long.valueOf(ack.group(1))) : Optional.empty();
    }

    /** The database was put back to what it was. */
    record Restored(Instant from, Instant at) {}

    List<Restored> restored() {
        return restored;
    }

    private Path kept() {
        return dataDir.resolveSibling("kept.db");
    }

    /** Does something with the server, if it is up. */
    void with(Consumer<EmbeddedServer> action) {
        incarnation.ifPresent(current -> current.run(() -> disk.safely(() -> action.accept(current.server))));
    }

    /** The disk that its database is on. */
    DatabaseDisk disk() {
        return disk;
    }

    /** One process of the server's, from start to end. */
    final class Incarnation {
        private final EmbeddedServer server;
        private boolean alive = true;
        private int wordsLeft = -1;

        private Incarnation(EmbeddedServer server) {
            this.server = server;
        }

        AgentSocket socket() {
            return server.socket();
        }

        /** Lets it die as it says its n-th message from now: n odd, before; even, after. */
        void dieSaying(int words) {
            wordsLeft = words;
        }

        void run(Runnable action) {
            if (alive) {
                try {
                    action.run();
                } catch (Killed e) {
                    kill();
                    history.note("server died in the middle of something");
                    timeline.after(STARTED_ANEW, ServerNode.this::start);
                } catch (StorageRefused e) {
                    history.note("server cannot store: " + e.getMessage());
                }
            }
        }

        void beforeSaying() {
            countDown();
        }

        void said(String node, String frame) {
            history.serverSaid(node, frame);
            acknowledged(frame).ifPresent(sequence -> requireStored(node, sequence));
            exclusionChecker.said(server, frame);
            countDown();
        }

        /** Read by another connection than that which writes: it sees what is committed. */
        private void requireStored(String node, long sequence) {
            long stored = server.db()
                    .read(handle -> handle.createQuery(
                                    "SELECT coalesce(max(stored_sequence), 0) FROM hosts WHERE name = ?")
                            .bind(0, node.replaceFirst("'.*", "")) // a clone has the name of the other
                            .mapTo(Long.class)
                            .one());
            if (stored < sequence) {
                history.failed("ACKNOWLEDGED BEFORE STORED " + node + " " + sequence + ", stored " + stored);
            }
        }

        private void countDown() {
            if (wordsLeft > 0 && --wordsLeft == 0) {
                throw new Killed();
            }
        }
    }
}
