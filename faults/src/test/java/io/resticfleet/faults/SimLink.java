package io.resticfleet.faults;

import java.net.ConnectException;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The network between one machine and the server, with all that networks do. */
final class SimLink {

    /** What the network does to what is on the way. */
    enum State {
        UP,
        /** Nobody can dial, and what stands is cut. */
        DOWN,
        /** Takes everything, delivers nothing, and tells nobody: what stood never comes to life again. */
        SILENT,
        /** As silent, but what it took comes later. */
        STALLED
    }

    private static final Duration USUAL = Duration.ofMillis(20);
    private static final double SELDOM = 0.1;

    private final String name;
    private final Timeline timeline;
    private final ServerNode serverNode;
    private final RandomGenerator chance;
    private final List<Connection> connections = new ArrayList<>();
    private State state = State.UP;
    private Duration delay = USUAL;
    private double repeats = SELDOM;

    SimLink(String name, Timeline timeline, ServerNode serverNode, RandomGenerator chance) {
        this.name = name;
        this.timeline = timeline;
        this.serverNode = serverNode;
        this.chance = chance;
    }

    /** Of the machine at this end. */
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

    /** Dials for this process; the future is done at once. */
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

    void become(State next) {
        var before = state;
        state = next;
        if (next == State.DOWN) {
            cut();
        } else if (next == State.SILENT) {
            lose();
        } else if (before == State.STALLED && next == State.UP) {
            List.copyOf(connections).forEach(Connection::thaw);
        }
    }

    /** Ends every connection; both ends are told. */
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

    /** What stands is dead, and neither end knows. */
    void lose() {
        connections.forEach(Connection::lose);
    }

    void agentUnplugged() {
        connections.forEach(Connection::agentUnplugged);
    }

    /** How long a message takes, and how often one comes twice. */
    void become(Duration newDelay, double newRepeats) {
        delay = newDelay;
        repeats = newRepeats;
    }

    /** As good as it gets. */
    void recover() {
        become(USUAL, SELDOM);
    }

    Duration delay() {
        return delay.plusMillis(chance.nextInt(10));
    }

    /** How much later a message comes a second time; empty if it does not. */
    Optional<Duration> repeat() {
        return repeats > 0 && chance.nextDouble() < repeats
                ? Optional.of(delay.plusSeconds(chance.nextInt(600)))
                : Optional.empty();
    }
}
