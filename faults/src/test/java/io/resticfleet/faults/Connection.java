package io.resticfleet.faults;

import io.resticfleet.server.link.AgentSocket;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * One WebSocket. Messages arrive in order, unless the link is silent; either end may consider it open after the other
 * has closed it.
 */
final class Connection {

    private static final int ABNORMAL_CLOSURE = 1006;

    /** Messages in transit in one direction, next first. */
    private static final class Direction {
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
    private final Direction up = new Direction();
    private final Direction down = new Direction();
    private boolean openAtAgent = true;
    private boolean openAtServer = true;
    private boolean dead;

    Connection(SimLink link, SimProcess process, WebSocket.Listener listener) {
        this.link = link;
        this.process = process;
        this.listener = listener;
        this.server = link.serverNode().incarnation();
        this.caller = new AgentSocket.Caller(
                link.serverNode().nextSession(), serverEndpoint, link::name, () -> false, () -> {});
    }

    WebSocket agentEndpoint() {
        return agentEndpoint;
    }

    void open() {
        listener.onOpen(agentEndpoint);
        toServer(() -> server.run(() -> server.socket().connected(caller)));
    }

    boolean over() {
        return !openAtAgent && !openAtServer;
    }

    boolean openAtAgent() {
        return openAtAgent;
    }

    boolean openAtServer() {
        return openAtServer;
    }

    void agentSends(String frame) {
        process.beforeSend();
        link.serverNode().history().agentSent(link.name(), frame);
        Runnable arrive = () -> {
            if (openAtServer) {
                server.run(() -> server.socket().received(caller, frame));
            }
        };
        toServer(arrive);
        maybeRepeat(arrive);
    }

    void serverSends(String frame) {
        server.beforeSend();
        Runnable arrive = () -> {
            if (openAtAgent) {
                listener.onText(agentEndpoint, frame, true);
            }
        };
        toAgent(arrive);
        maybeRepeat(arrive);
        server.afterSend(link.name(), frame);
    }

    void serverPings() {
        toAgent(() -> {
            if (openAtAgent) {
                listener.onPing(agentEndpoint, ByteBuffer.allocate(0));
            }
        });
    }

    /** A closing handshake: messages sent before arrive first. */
    void serverCloses(int code, String reason) {
        toAgent(() -> closeAtAgent(code, reason));
        toServer(() -> closeAtServer(code));
    }

    void serverDisconnects() {
        toAgent(() -> closeAtAgent(ABNORMAL_CLOSURE, ""));
        link.timeline().after(Duration.ZERO, () -> closeAtServer(ABNORMAL_CLOSURE));
    }

    /** The agent closes its end without a handshake; the server notices if the link lets it. */
    void agentDisconnects() {
        openAtAgent = false;
        toServer(() -> closeAtServer(ABNORMAL_CLOSURE));
    }

    /** The network resets the connection: messages in transit are lost. */
    void cut() {
        lose();
        process.after(Duration.ZERO, () -> closeAtAgent(ABNORMAL_CLOSURE, ""));
        link.timeline().after(Duration.ZERO, () -> closeAtServer(ABNORMAL_CLOSURE));
    }

    /** Drops everything from now on, including messages in transit, without notice to either end. */
    void lose() {
        dead = true;
    }

    /** The agent's process has ended; its system closes the connection. */
    void agentDied() {
        agentDisconnects();
    }

    /** The agent's machine has lost power. */
    void agentUnplugged() {
        openAtAgent = false;
        lose();
    }

    /** The server's process has ended; messages it sent before still arrive. */
    void serverDied() {
        openAtServer = false;
        toAgent(() -> closeAtAgent(ABNORMAL_CLOSURE, ""));
    }

    /** Delivers the messages that a stalled link held back. */
    void release() {
        int held = up.waiting.size();
        for (int i = 0; i < held; i++) {
            schedule(up, true);
        }
        held = down.waiting.size();
        for (int i = 0; i < held; i++) {
            schedule(down, false);
        }
    }

    private void closeAtAgent(int code, String reason) {
        if (openAtAgent) {
            openAtAgent = false;
            listener.onClose(agentEndpoint, code, reason);
        }
    }

    private void closeAtServer(int code) {
        if (openAtServer) {
            openAtServer = false;
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

    private void maybeRepeat(Runnable arrive) {
        Optional<Duration> later = link.repeat();
        later.ifPresent(by -> link.timeline().after(by, () -> {
            if (!dead && link.state() == SimLink.State.UP) {
                arrive.run();
            }
        }));
    }

    private void schedule(Direction direction, boolean toServer) {
        long at = Math.max(
                direction.lastAt, link.timeline().nanos() + link.delay().toNanos());
        direction.lastAt = at;
        var delay = Duration.ofNanos(at - link.timeline().nanos());
        if (toServer) {
            link.timeline().after(delay, () -> next(direction));
        } else {
            process.after(delay, () -> next(direction));
        }
    }

    private void next(Direction direction) {
        if (!dead && link.state() == SimLink.State.UP) {
            Optional.ofNullable(direction.waiting.poll()).ifPresent(Runnable::run);
        }
    }
}
