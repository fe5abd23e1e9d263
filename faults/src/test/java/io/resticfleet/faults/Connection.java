package io.resticfleet.faults;

import io.resticfleet.server.link.AgentSocket;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * One WebSocket. What is sent on it comes in its order, unless the line is silent; either end may think it open when the
 * other no longer does.
 */
final class Connection {

    private static final int WITHOUT_WORD = 1006;

    /** What is on the way in one direction; the head of it next. */
    private static final class Way {
        final Deque<Runnable> waiting = new ArrayDeque<>();
        long lastAt;
    }

    private final SimLink link;
    private final SimProcess process;
    private final WebSocket.Listener listener;
    private final ServerNode.Incarnation server;
    private final AgentEndpoint agentEndpoint = new AgentEndpoint(this);
    private final ServerEndpoint serverEndpoint = new ServerEndpoint(this);
    private final AgentSocket.Caller caller;
    private final Way up = new Way();
    private final Way down = new Way();
    private boolean agentThinksOpen = true;
    private boolean serverThinksOpen = true;
    private boolean dead;

    Connection(SimLink link, SimProcess process, WebSocket.Listener listener) {
        this.link = link;
        this.process = process;
        this.listener = listener;
        this.server = link.serverNode().incarnation();
        this.caller = new AgentSocket.Caller(link.serverNode().nextSession(), serverEndpoint, link::name, () -> false);
    }

    WebSocket agentEndpoint() {
        return agentEndpoint;
    }

    void open() {
        listener.onOpen(agentEndpoint);
        toServer(() -> server.run(() -> server.socket().connected(caller)));
    }

    boolean over() {
        return !agentThinksOpen && !serverThinksOpen;
    }

    boolean agentThinksOpen() {
        return agentThinksOpen;
    }

    boolean serverThinksOpen() {
        return serverThinksOpen;
    }

    void agentSays(String frame) {
        process.word();
        link.serverNode().history().agentSaid(link.name(), frame);
        Runnable arrive = () -> {
            if (serverThinksOpen) {
                server.run(() -> server.socket().received(caller, frame));
            }
        };
        toServer(arrive);
        again(arrive);
    }

    void serverSays(String frame) {
        server.beforeSaying();
        Runnable arrive = () -> {
            if (agentThinksOpen) {
                listener.onText(agentEndpoint, frame, true);
            }
        };
        toAgent(arrive);
        again(arrive);
        server.said(link.name(), frame);
    }

    void serverPings() {
        toAgent(() -> {
            if (agentThinksOpen) {
                listener.onPing(agentEndpoint, ByteBuffer.allocate(0));
            }
        });
    }

    /** With a closing handshake: what was sent before comes first. */
    void serverCloses(int code, String reason) {
        toAgent(() -> agentHearsEnd(code, reason));
        toServer(() -> serverHearsEnd(code));
    }

    void serverVanishes() {
        toAgent(() -> agentHearsEnd(WITHOUT_WORD, ""));
        link.timeline().after(Duration.ZERO, () -> serverHearsEnd(WITHOUT_WORD));
    }

    /** The agent gives it up; the server hears of it, if the line lets it. */
    void agentVanishes() {
        agentThinksOpen = false;
        toServer(() -> serverHearsEnd(WITHOUT_WORD));
    }

    /** The network ends it: what is on the way is lost. */
    void cut() {
        lose();
        process.after(Duration.ZERO, () -> agentHearsEnd(WITHOUT_WORD, ""));
        link.timeline().after(Duration.ZERO, () -> serverHearsEnd(WITHOUT_WORD));
    }

    /** Nothing comes through any more, what is on the way included, and nobody knows. */
    void lose() {
        dead = true;
    }

    /** The agent's process has ended, and its system says so. */
    void agentDied() {
        agentVanishes();
    }

    /** The agent's machine is without power. */
    void agentUnplugged() {
        agentThinksOpen = false;
        lose();
    }

    /** The server's process has ended; what it said before still comes. */
    void serverDied() {
        serverThinksOpen = false;
        toAgent(() -> agentHearsEnd(WITHOUT_WORD, ""));
    }

    /** What was held back comes now. */
    void thaw() {
        int held = up.waiting.size();
        for (int i = 0; i < held; i++) {
            schedule(up, true);
        }
        held = down.waiting.size();
        for (int i = 0; i < held; i++) {
            schedule(down, false);
        }
    }

    private void agentHearsEnd(int code, String reason) {
        if (agentThinksOpen) {
            agentThinksOpen = false;
            listener.onClose(agentEndpoint, code, reason);
        }
    }

    private void serverHearsEnd(int code) {
        if (serverThinksOpen) {
            serverThinksOpen = false;
            server.run(() -> server.socket().closed(caller, code));
        }
    }

    private void toServer(Runnable arrive) {
        up.waiting.add(arrive);
        schedule(up, true);
    }

    private void toAgent(Runnable arrive) {
        down.waiting.add(arrive);
        schedule(down, false);
    }

    private void again(Runnable arrive) {
        Optional<Duration> later = link.repeat();
        later.ifPresent(by -> link.timeline().after(by, () -> {
            if (!dead && link.state() == SimLink.State.UP) {
                arrive.run();
            }
        }));
    }

    private void schedule(Way way, boolean toServer) {
        long at = Math.max(way.lastAt, link.timeline().nanos() + link.delay().toNanos());
        way.lastAt = at;
        var delay = Duration.ofNanos(at - link.timeline().nanos());
        if (toServer) {
            link.timeline().after(delay, () -> next(way));
        } else {
            process.after(delay, () -> next(way));
        }
    }

    private void next(Way way) {
        if (!dead && link.state() == SimLink.State.UP) {
            Optional.ofNullable(way.waiting.poll()).ifPresent(Runnable::run);
        }
    }
}
