package io.resticfleet.server.link;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * An open connection of an authenticated agent. Safe for use by many threads.
 *
 * <p>Sending never blocks: Jetty queues frames up to its limit, beyond which the connection is closed. It is also
 * closed if the agent does not read for {@link #WRITE_LIMIT}.
 */
public final class AgentConnection {

    static final Duration WRITE_LIMIT = Duration.ofSeconds(30);

    /** Slightly less than two checks, so that a check that is a little early does not delay the ping to the third. */
    private static final Duration PING_EVERY =
            AgentSocket.CHECK_EVERY.multipliedBy(2).minusSeconds(1);

    /**
     * The agent at the other end.
     *
     * @param instanceId of the agent process; absent for older agents, which do not send it
     * @param address its remote address
     * @param exposed whether it crosses the network unencrypted
     * @param features the agent's features that this server knows
     * @param challengedAt when the challenge was sent, on the monotonic clock
     */
    record Peer(
            HostId hostId,
            Optional<String> instanceId,
            String address,
            boolean exposed,
            Set<String> features,
            long challengedAt) {}

    private final Peer peer;
    private volatile boolean ready;
    private final Session session;
    private final Runnable drop;
    private final LongSupplier nanoTime;
    private final AtomicLong lastReceived;
    private final AtomicLong lastPing;
    private final ConcurrentLinkedQueue<Long> sending = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;
    private volatile boolean cut;
    private volatile boolean mustReconnect;
    private volatile boolean dropsResults;
    private volatile boolean dropsLogs;

    /** @param drop forgets what was received of an unfinished message, and ignores what follows */
    AgentConnection(Peer peer, Session session, Runnable drop, LongSupplier nanoTime) {
        this.peer = peer;
        this.session = session;
        this.drop = drop;
        this.nanoTime = nanoTime;
        this.lastReceived = new AtomicLong(nanoTime.getAsLong());
        this.lastPing = new AtomicLong(lastReceived.get());
    }

    public HostId hostId() {
        return peer.hostId();
    }

    Optional<String> instanceId() {
        return peer.instanceId();
    }

    String address() {
        return peer.address();
    }

    boolean exposed() {
        return peer.exposed();
    }

    /** The agent has been sent its repositories and schedules: from now on it can be sent jobs. */
    public void ready() {
        ready = true;
    }

    boolean isReady() {
        return ready;
    }

    /** Whether the agent's hello had this feature. */
    public boolean supports(String feature) {
        return peer.features().contains(feature);
    }

    long challengedAt() {
        return peer.challengedAt();
    }

    /**
     * Hands a message to the connection.
     *
     * @return whether the connection was open; not whether the message arrived
     */
    public boolean send(ToAgent message) {
        if (!session.isOpen()) {
            return false;
        }
        var begun = nanoTime.getAsLong();
        sending.add(begun);
        session.sendText(
                Wire.encode(message), Callback.from(() -> sending.remove(begun), failure -> session.disconnect()));
        return true;
    }

    /** Makes the agent reconnect once storage works, since a step of its hello could not be completed. */
    public void requireReconnect() {
        mustReconnect = true;
    }

    boolean mustReconnect() {
        return mustReconnect;
    }

    /**
     * Marks a message as not stored. Later messages covered by the same cumulative ack are dropped until the agent
     * reconnects and resends.
     */
    void markUnstored(ToServer message) {
        mustReconnect = true;
        dropsResults |= message instanceof ToServer.Result;
        dropsLogs |= dropsResults || message instanceof ToServer.LogStream;
    }

    boolean isDropped(ToServer message) {
        return (dropsResults && message instanceof ToServer.Result)
                || (dropsLogs && message instanceof ToServer.LogStream);
    }

    /** Closes with a reason that the agent logs. Nothing more is received. */
    void close(int code, String reason) {
        drop.run();
        closing = true;
        session.close(code, reason, Callback.NOOP);
    }

    /** Called regularly: disconnects an agent that does not complete the closing handshake. */
    void cutIfClosing() {
        if (cut) {
            session.disconnect();
        }
        cut = closing;
    }

    void received() {
        lastReceived.set(nanoTime.getAsLong());
    }

    /**
     * Pings the agent every {@link #PING_EVERY}. Disconnects if it sends nothing for {@code silenceLimit}, or does not
     * read.
     */
    void check(Duration silenceLimit) {
        long now = nanoTime.getAsLong();
        var oldest = sending.peek();
        if (now - lastReceived.get() > silenceLimit.toNanos()
                || (oldest != null && now - oldest > WRITE_LIMIT.toNanos())) {
            session.disconnect(); // no closing handshake: the agent does not respond
        } else if (now - lastPing.get() >= PING_EVERY.toNanos()) {
            lastPing.set(now);
            session.sendPing(null, Callback.NOOP);
        }
    }
}
