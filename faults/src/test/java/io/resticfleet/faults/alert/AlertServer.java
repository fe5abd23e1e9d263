package io.resticfleet.faults.alert;

import io.resticfleet.faults.Killed;
import io.resticfleet.faults.Timeline;
import io.resticfleet.server.EmbeddedServer;
import io.resticfleet.server.db.DatabaseDisk;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.web.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The server's machine. Its tasks run every ten minutes, and shortly after each moment at which an alert may open or end;
 * in between nothing can change that they would find.
 */
final class AlertServer {

    /** Longest time between two looks, of a reminder for example. */
    static final Duration TICK = Duration.ofMinutes(10);

    private static final Duration GRACE = Duration.ofMinutes(5);

    /** After a start, before all is known again. */
    static final Duration SETTLED = GRACE.plusSeconds(70);

    private static final Duration SENDING = Duration.ofSeconds(1);

    private final Timeline timeline;
    private final Path dataDir;
    private final Inbox inbox;
    private final DatabaseDisk disk = new DatabaseDisk(Killed::new);
    private final Availability working = new Availability();
    private final List<Runnable> onStart = new ArrayList<>();
    private final List<Runnable> onSettled = new ArrayList<>();
    private final List<Runnable> onKill = new ArrayList<>();
    private final List<Runnable> heartbeats = new ArrayList<>();
    private final TreeSet<Instant> deadlines = new TreeSet<>();
    private Optional<Incarnation> incarnation = Optional.empty();
    private Instant settledAt = Instant.MIN;
    private int kills;
    private long looks;
    private int refusals;

    private final class Incarnation {
        private final EmbeddedServer server;
        private final Map<String, Runnable> tasks = new HashMap<>();
        private boolean courierWaits;

        Incarnation(EmbeddedServer server) {
            this.server = server;
            server.tasks().forEach(task -> tasks.put(task.name(), task.work()));
        }

        private boolean alive() {
            return incarnation.filter(this::equals).isPresent();
        }

        private void run(Runnable action) {
            if (!alive()) {
                return;
            }
            try {
                action.run();
            } catch (Killed e) {
                kill();
            } catch (StorageRefused e) {
                refusals++;
            }
        }

        private void task(String name) {
            run(tasks.get(name));
        }

        private void tickIfAlive() {
            if (alive()) {
                tick();
            }
        }

        private void tick() {
            looks++;
            task("missed-runs");
            task("alerts");
            courier();
        }

        /** In production every second. */
        private void courier() {
            courierWaits = false;
            task("courier");
            if (alive() && waits() && !courierWaits) {
                courierWaits = true;
                timeline.after(Duration.ofSeconds(5), this::courier);
            }
        }

        private boolean waits() {
            return server.db()
                    .read(handle -> handle.createQuery("SELECT EXISTS (SELECT 1 FROM channel_events)"
                                    + " OR EXISTS (SELECT 1 FROM deliveries WHERE state = 'waiting')")
                            .mapTo(Boolean.class)
                            .one());
        }

        private void regularly() {
            if (alive()) {
                tick();
                timeline.after(TICK, this::regularly);
            }
        }

        private void hourly() {
            if (alive()) {
                heartbeats.forEach(Runnable::run);
                List.of("connected", "watch", "queue", "expiry", "alert-expiry", "delivery-expiry")
                        .forEach(this::task);
                timeline.after(Duration.ofHours(1), this::hourly);
            }
        }

        private void settle() {
            if (alive()) {
                heartbeats.forEach(Runnable::run);
                task("watch");
                task("connected");
                onSettled.forEach(Runnable::run);
                tick();
            }
        }
    }

    AlertServer(Timeline timeline, Path dataDir, Inbox inbox) {
        this.timeline = timeline;
        this.dataDir = dataDir;
        this.inbox = inbox;
    }

    Availability working() {
        return working;
    }

    DatabaseDisk disk() {
        return disk;
    }

    int kills() {
        return kills;
    }

    long looks() {
        return looks;
    }

    int refusals() {
        return refusals;
    }

    void onStart(Runnable action) {
        onStart.add(action);
    }

    /** Called when the grace period after a start has ended. */
    void onSettled(Runnable action) {
        onSettled.add(action);
    }

    void onKill(Runnable action) {
        onKill.add(action);
    }

    /** Sends what keeps a connection and the leases of its jobs. */
    void onHeartbeat(Runnable action) {
        heartbeats.add(action);
    }

    boolean up() {
        return incarnation.isPresent();
    }

    void start() {
        if (up()) {
            return;
        }
        disk.dieAt(0);
        disk.repair();
        var started = new Incarnation(EmbeddedServer.start(
                dataDir,
                disk,
                () -> timeline.instant().truncatedTo(ChronoUnit.MILLIS),
                timeline::nanos,
                inbox,
                new LaterExecutor(task -> {
                    var sender = incarnation;
                    timeline.after(SENDING, () -> sender.ifPresent(one -> one.run(task)));
                })));
        incarnation = Optional.of(started);
        settledAt = timeline.instant().plus(SETTLED);
        working.begins(settledAt);
        timeline.after(GRACE.plusSeconds(5), started::settle);
        timeline.after(TICK, started::regularly);
        timeline.after(Duration.ofHours(1), started::hourly);
        onStart.forEach(Runnable::run);
    }

    /** Ends it as by SIGKILL. */
    void kill() {
        if (!up()) {
            return;
        }
        var ending = incarnation.orElseThrow().server;
        incarnation = Optional.empty();
        kills++;
        working.ends(timeline.instant());
        disk.dieAt(0);
        ending.close(); // only what was committed remains
        onKill.forEach(Runnable::run);
    }

    /** As every 15 seconds: notes who is connected. */
    void recordConnected() {
        incarnation.ifPresent(current -> current.task("connected"));
    }

    void fillDisk() {
        disk.fill();
        working.ends(timeline.instant());
    }

    void repairDisk() {
        disk.repair();
        incarnation.ifPresent(current -> {
            current.task("storage");
            working.begins(Times.latest(settledAt, timeline.instant().plus(SETTLED)));
            timeline.after(GRACE.plusSeconds(5), current::tickIfAlive);
        });
    }

    /** Runs the tasks shortly after that time. */
    void lookAfter(Instant at) {
        if (at.isBefore(Timeline.START.plus(Duration.ofDays(4_000))) && deadlines.add(at)) {
            timeline.after(Duration.between(timeline.instant(), at).plusSeconds(5), () -> {
                deadlines.remove(at);
                incarnation.ifPresent(Incarnation::tick);
            });
        }
    }

    /** Calls the server, if it is up. */
    void run(Consumer<EmbeddedServer> action) {
        incarnation.ifPresent(current -> current.run(() -> action.accept(current.server)));
    }

    /** Calls the server for an operator; returns whether it did what it was asked for. It does not die meanwhile. */
    boolean operate(Consumer<EmbeddedServer> action) {
        var done = new boolean[1];
        run(server -> disk.withoutDying(() -> {
            try {
                action.accept(server);
                done[0] = true;
            } catch (Problem e) {
                done[0] = false;
            }
        }));
        return done[0];
    }
}
