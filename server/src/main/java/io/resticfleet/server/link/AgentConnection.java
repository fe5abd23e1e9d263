package io.resticfleet.server.link;

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
 * One open connection of an agent that has proven who it is. Safe for use by many threads.
 *
 * <p>Sending never blocks: frames queue in Jetty up to its limit, beyond which the connection is cut. Whoever does not
 * read for {@link #WRITE_LIMIT} is cut off too.
 */
public final class AgentConnection {

    static final Duration WRITE_LIMIT = Duration.ofSeconds(30);

    /** Less than two looks, so that a look that is a little early does not put it off to the third. */
    private static final Duration PING_EVERY =
            AgentSocket.CHECK_EVERY.multipliedBy(2).minusSeconds(1);

    /**
     * Who is at the other end.
     *
     * @param instanceId of the agent process; absent from agents that do not say it yet
     * @param address where it connects from
     * @param exposed whether others on the way can read along
     * @param features what the agent can do that older ones cannot, of what this server knows
     * @param challengedAt when it was asked to prove itself, on the monotonic clock
     */
    record Peer(
            String hostId,
            Optional<String> instanceId,
            String address,
            boolean exposed,
            Set<String> features,
            long challengedAt) {}

    private final Peer peer;
    private final Session session;
    private final LongSupplier nanoTime;
    private final AtomicLong lastHeard;
    private final AtomicLong lastPing;
    private final ConcurrentLinkedQueue<Long> sending = new ConcurrentLinkedQueue<>();
    private volatile boolean owes;
    private volatile boolean resultsWait;
    private volatile boolean logsWait;

    AgentConnection(Peer peer, Session session, LongSupplier nanoTime) {
        this.peer = peer;
        this.session = session;
        this.nanoTime = nanoTime;
        this.lastHeard = new AtomicLong(nanoTime.getAsLong());
        this.lastPing = new AtomicLong(lastHeard.get());
    }

    public String hostId() {
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
     * @return whether it was taken; not whether it arrived
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

    /** Something that is done at every hello could not be: the agent is to say hello again when it can. */
    public void owe() {
        owes = true;
    }

    boolean owes() {
        return owes;
    }

    /**
     * A message could not be kept and is to be said again, on another connection. Until then nothing after it is taken
     * whose acknowledgement would be taken for its own.
     */
    void withhold(ToServer message) {
        owes = true;
        resultsWait |= message instanceof ToServer.Result;
        logsWait |= resultsWait || message instanceof ToServer.LogStream;
    }

    boolean withholds(ToServer message) {
        return (resultsWait && message instanceof ToServer.Result)
                || (logsWait && message instanceof ToServer.LogStream);
    }

    /** Closes with a reason that the agent logs. */
    void close(int code, String reason) {
        session.close(code, reason, Callback.NOOP);
    }

    void heard() {
        lastHeard.set(nanoTime.getAsLong());
    }

    /** Pings a peer that lives, every {@link #PING_EVERY}, and cuts off one that is silent for {@code limit} or does not read. */
    void check(Duration silenceLimit) {
        long now = nanoTime.getAsLong();
        var oldest = sending.peek();
        if (now - lastHeard.get() > silenceLimit.toNanos()
                || (oldest != null && now - oldest > WRITE_LIMIT.toNanos())) {
            session.disconnect(); // no closing handshake: nobody is listening
        } else if (now - lastPing.get() >= PING_EVERY.toNanos()) {
            lastPing.set(now);
            session.sendPing(null, Callback.NOOP);
        }
    }
}
