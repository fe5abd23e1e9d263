package io.resticfleet.faults;

import java.net.ConnectException;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The simulated network between one machine and the server. */
final class SimLink {

    /** The state of the network. */
    enum State {
        UP,
        /** Refuses new connections and resets existing ones. */
        DOWN,
        /** Accepts everything and delivers nothing without notice; existing connections never recover. */
        SILENT,
        /** Like silent, but delivers later what it accepted. */
        STALLED
    }

    private static final Duration USUAL_DELAY = Duration.ofMillis(20);
    private static final double USUAL_REPEATS = 0.1;

    private final String name;
    private final Timeline timeline;
    private final ServerNode serverNode;
    private final RandomGenerator random;
    private final List<Connection> connections = new ArrayList<>();
    private State state = State.UP;
    private Duration delay = USUAL_DELAY;
    private double repeats = USUAL_REPEATS;

    SimLink(String name, Timeline timeline, ServerNode serverNode, RandomGenerator random) {
        this.name = name;
        this.timeline = timeline;
        this.serverNode = serverNode;
        this.random = random;
    }

    /** The name of the machine at this end. */
    String name() {
        return name;
    }

    Timeline timeline() {
        return timeline;
    }

    ServerNode serverNode() {
        return serverNode;
    }

    State state() {
        return state;
    }

    /** Opens a connection for a process; the future is complete at once. */
    CompletableFuture<WebSocket> dial(SimProcess process, WebSocket.Listener listener) {
        if (state != State.UP || !serverNode.up()) {
            return CompletableFuture.failedFuture(new ConnectException());
        }
        var connection = new Connection(this, process, listener);
        connections.removeIf(Connection::over);
        connections.add(connection);
        connection.open();
        return CompletableFuture.completedFuture(connection.agentEndpoint());
    }

    void set(State next) {
        var before = state;
        state = next;
        if (next == State.DOWN) {
            cut();
        } else if (next == State.SILENT) {
            lose();
        } else if (before == State.STALLED && next == State.UP) {
            List.copyOf(connections).forEach(Connection::release);
        }
    }

    /** Resets every connection; both ends are notified. */
    void cut() {
        List.copyOf(connections).forEach(Connection::cut);
        connections.clear();
    }

    void serverDied() {
        connections.forEach(Connection::serverDied);
    }

    void agentDied() {
        connections.forEach(Connection::agentDied);
    }

    /** Kills all connections without notice to either end. */
    void lose() {
        connections.forEach(Connection::lose);
    }

    void agentUnplugged() {
        connections.forEach(Connection::agentUnplugged);
    }

    /** Sets the delay of messages and the probability of repeats. */
    void degrade(Duration newDelay, double newRepeats) {
        delay = newDelay;
        repeats = newRepeats;
    }

    /** Restores the usual delay and repeats. */
    void recover() {
        degrade(USUAL_DELAY, USUAL_REPEATS);
    }

    Duration delay() {
        return delay.plusMillis(random.nextInt(10));
    }

    /** The delay after which a message arrives again; absent if it does not. */
    Optional<Duration> repeat() {
        return repeats > 0 && random.nextDouble() < repeats
                ? Optional.of(delay.plusSeconds(random.nextInt(600)))
                : Optional.empty();
    }
}
