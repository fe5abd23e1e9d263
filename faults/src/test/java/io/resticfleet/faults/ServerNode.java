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

/** The server's machine: a real server with a real database, without HTTP. */
final class ServerNode {

    /** Connections are checked often enough for them to stay open. */
    private static final Duration WATCH = Duration.ofSeconds(40);

    /** Other maintenance runs less often than in production, which finds the same later. */
    private static final Duration MINIMUM_PERIOD = Duration.ofMinutes(15);

    private static final Map<String, Duration> MINIMUM_PERIODS =
            Map.of("watch", WATCH, "storage", Duration.ofMinutes(2), "missed-runs", Duration.ofMinutes(30));
    private static final Duration RESTART_DELAY = Duration.ofSeconds(20);

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
            startTasks(EmbeddedServer.start(
                    dataDir, disk, () -> timeline.instant().truncatedTo(ChronoUnit.MILLIS), timeline::nanos));
        } catch (RuntimeException e) {
            history.note("server did not start: " + e.getMessage());
            timeline.after(RESTART_DELAY, this::start);
        }
    }

    private void startTasks(EmbeddedServer server) {
        var started = new Incarnation(server);
        incarnation = Optional.of(started);
        for (var task : server.tasks()) {
            var least = MINIMUM_PERIODS.getOrDefault(task.name(), MINIMUM_PERIOD);
            var every = task.every().compareTo(least) > 0 ? task.every() : least;
            timeline.after(every, () -> repeat(started, every, task.work()));
        }
    }

    private void repeat(Incarnation started, Duration every, Runnable task) {
        if (started.alive) {
            started.run(task);
            timeline.after(every, () -> repeat(started, every, task));
        }
    }

    /** Kills the server with SIGKILL. */
    void kill() {
        history.note("server killed");
        incarnation.ifPresent(ending -> {
            incarnation = Optional.empty();
            ending.alive = false;
            ending.server.close(); // only committed data remains
            links.forEach(SimLink::serverDied);
        });
    }

    /** Copies the database, replacing the last copy. */
    void copy() {
        history.note("database copied");
        try {
            Files.deleteIfExists(kept());
            DatabaseFile.copy(dataDir, kept());
            copiedAt = timeline.instant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Restores the last copy and starts the server. */
    void restore() {
        kill();
        history.note("database restored from a copy");
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

    /** A restore of the database, to its state at {@code from}. */
    record Restored(Instant from, Instant at) {}

    List<Restored> restored() {
        return restored;
    }

    private Path kept() {
        return dataDir.resolveSibling("kept.db");
    }

    /** Calls an action on the server, if it is up. */
    void with(Consumer<EmbeddedServer> action) {
        incarnation.ifPresent(current -> current.run(() -> disk.withoutDying(() -> action.accept(current.server))));
    }

    /** Checks that no job waits for long for one of a machine that is away. */
    void checkWaits() {
        with(exclusionChecker::checkWaits);
    }

    /** The disk of the database. */
    DatabaseDisk disk() {
        return disk;
    }

    /** One process of the server. */
    final class Incarnation {
        private final EmbeddedServer server;
        private boolean alive = true;
        private int sendsLeft = -1;

        private Incarnation(EmbeddedServer server) {
            this.server = server;
        }

        AgentSocket socket() {
            return server.socket();
        }

        /** Makes the server die at its n-th message from now: before sending it if n is odd, after it if even. */
        void dieAtSend(int sends) {
            sendsLeft = sends;
        }

        void run(Runnable action) {
            if (alive) {
                try {
                    action.run();
                } catch (Killed e) {
                    kill();
                    history.note("server died");
                    timeline.after(RESTART_DELAY, ServerNode.this::start);
                } catch (StorageRefused e) {
                    history.note("server cannot store: " + e.getMessage());
                }
            }
        }

        void beforeSend() {
            countDown();
        }

        void afterSend(String node, String frame) {
            history.serverSent(node, frame);
            acknowledged(frame).ifPresent(sequence -> requireStored(node, sequence));
            exclusionChecker.afterSend(server, frame);
            countDown();
        }

        /** Uses another connection than the writer's, so that only committed data is visible. */
        private void requireStored(String node, long sequence) {
            long stored = server.db()
                    .read(handle -> handle.createQuery(
                                    "SELECT coalesce(max(stored_sequence), 0) FROM hosts WHERE name = ?")
                            .bind(0, node.replaceFirst("'.*", "")) // a clone shares the original's name
                            .mapTo(Long.class)
                            .one());
            if (stored < sequence) {
                history.failed("ACKNOWLEDGED BEFORE STORED " + node + " " + sequence + ", stored " + stored);
            }
        }

        private void countDown() {
            if (sendsLeft > 0 && --sendsLeft == 0) {
                throw new Killed();
            }
        }
    }
}
