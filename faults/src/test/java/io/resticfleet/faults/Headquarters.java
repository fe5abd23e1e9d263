package io.resticfleet.faults;

import io.resticfleet.server.ServerInSteps;
import io.resticfleet.server.link.AgentSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The server's machine: a real server over a real database, without HTTP. */
final class Headquarters {

    /** Who is connected is looked at often enough for connections to stand. */
    private static final Duration WATCH = Duration.ofSeconds(40);

    /** Other chores come less often than they do: what they find is found all the same. */
    private static final Duration LAZINESS = Duration.ofMinutes(15);

    private static final Set<String> WATCHES = Set.of("watch");

    private final Timeline timeline;
    private final Path dataDir;
    private final List<Line> lines = new ArrayList<>();
    private final Witness witness;
    private Optional<Life> life = Optional.empty();
    private long sessions;

    Headquarters(Timeline timeline, Path dataDir, Witness witness) {
        this.timeline = timeline;
        this.dataDir = dataDir;
        this.witness = witness;
    }

    Witness witness() {
        return witness;
    }

    void connect(Line line) {
        lines.add(line);
    }

    boolean up() {
        return life.isPresent();
    }

    /** @throws java.util.NoSuchElementException if it is down */
    Life life() {
        return life.orElseThrow();
    }

    String nextSession() {
        return "session-" + sessions++;
    }

    void start() {
        if (up()) {
            return;
        }
        witness.note("server starts");
        var server =
                ServerInSteps.start(dataDir, () -> timeline.instant().truncatedTo(ChronoUnit.MILLIS), timeline::nanos);
        var started = new Life(server);
        life = Optional.of(started);
        for (var chore : server.chores()) {
            var least = WATCHES.contains(chore.name()) ? WATCH : LAZINESS;
            var every = chore.every().compareTo(least) > 0 ? chore.every() : least;
            timeline.after(every, () -> again(started, every, chore.task()));
        }
    }

    private void again(Life started, Duration every, Runnable task) {
        if (started.alive) {
            started.run(task);
            timeline.after(every, () -> again(started, every, task));
        }
    }

    /** Kill -9. */
    void kill() {
        witness.note("server killed");
        life.ifPresent(ending -> {
            life = Optional.empty();
            ending.alive = false;
            ending.server.close(); // what was committed is there, and nothing else
            lines.forEach(Line::serverDied);
        });
    }

    /** Does something with the server, if it is up. */
    void with(Consumer<ServerInSteps> action) {
        life.ifPresent(current -> current.run(() -> action.accept(current.server)));
    }

    /** One process of the server's, from start to end. */
    final class Life {
        private final ServerInSteps server;
        private boolean alive = true;
        private int wordsLeft = -1;

        private Life(ServerInSteps server) {
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
                    witness.note("server died at a message");
                    timeline.after(Duration.ofSeconds(20), Headquarters.this::start);
                }
            }
        }

        void beforeSaying() {
            countDown();
        }

        void said(String machine, String frame) {
            witness.serverSaid(machine, frame);
            countDown();
        }

        private void countDown() {
            if (wordsLeft > 0 && --wordsLeft == 0) {
                throw new Killed();
            }
        }
    }
}
