package io.resticfleet.server.link;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The agents connected right now, and the way to reach them; and who has yet to come back since this server started. Safe
 * for use by many threads.
 */
public final class Agents {

    /** So long a server that has just started waits for its agents before it says that one is away. */
    public static final Duration COMING_BACK = Duration.ofMinutes(5);

    private static final int DELETED = 4001;

    /** Asked of the one agent that is left of twins: what it then does not name among its jobs was the other's, and over. */
    private static final int SAY_HELLO_AGAIN = 4002;

    private final Map<String, AgentConnection> connected = new ConcurrentHashMap<>();
    private final Set<String> came = ConcurrentHashMap.newKeySet();
    private final LongSupplier nanoTime;
    private final long startedAt;
    private final CloneDetector clones;
    private final Consumer<String> onChange;
    private final AtomicLong changes = new AtomicLong();
    private volatile boolean allBack;

    /**
     * Of a server that starts now.
     *
     * @param onChange called with the id of a host that has connected or disconnected, or whose number of agents has
     *     changed; with an empty id if it can be any host. Must be quick, and not throw
     */
    public Agents(LongSupplier nanoTime, InstantSource clock, Consumer<String> onChange) {
        this.onChange = onChange;
        this.clones = new CloneDetector(nanoTime, clock, this::changed);
        this.nanoTime = nanoTime;
        this.startedAt = nanoTime.getAsLong();
    }

    private void changed(String hostId) {
        changes.incrementAndGet();
        onChange.accept(hostId);
    }

    /** Number of changes so far to anything that this class knows about hosts. */
    public long changes() {
        return changes.get();
    }

    /**
     * Sends if the host is connected; otherwise does nothing.
     *
     * <p>That is enough for whatever the agent is told again when it next says hello. What is not told again must look
     * at the result.
     *
     * @return whether it was handed to a connection; not whether it arrived
     */
    public boolean send(String hostId, ToAgent message) {
        return find(hostId).map(connection -> connection.send(message)).orElse(false);
    }

    public boolean connected(String hostId) {
        return connected.containsKey(hostId);
    }

    /** Whether others on the way could read along on a host's connection; empty while it is not connected. */
    public Optional<Boolean> exposed(String hostId) {
        return find(hostId).map(AgentConnection::exposed);
    }

    /** Ids of the hosts that are connected. */
    public Set<String> connected() {
        return Set.copyOf(connected.keySet());
    }

    /** Whether a host may still be on its way back: this server has just started, and the host was not here since. */
    public boolean awaited(String hostId) {
        return comingBack() && !came.contains(hostId);
    }

    /** Whether this server has just started, so that nobody is to be accused. By elapsed time, whatever the clock says. */
    public boolean comingBack() {
        return nanoTime.getAsLong() - startedAt < COMING_BACK.toNanos();
    }

    /** The hosts that have more than one agent. */
    public CloneDetector clones() {
        return clones;
    }

    /** Cuts off a host that is no longer one of ours. */
    public void dismiss(String hostId) {
        Optional.ofNullable(connected.remove(hostId))
                .ifPresent(connection -> connection.close(DELETED, "this host was deleted on the server"));
        changed(hostId);
    }

    /** The present connection of a host; empty if it is offline. */
    public Optional<AgentConnection> find(String hostId) {
        return Optional.ofNullable(connected.get(hostId));
    }

    /** The newest connection of a host wins; the one before it is closed. */
    void joined(AgentConnection connection) {
        var before = connected.put(connection.hostId(), connection);
        came.add(connection.hostId());
        if (before != null) {
            before.close(Protocol.CLOSED_DISPLACED, "the same host has connected again");
        }
        changed(connection.hostId());
    }

    /** Forgets this connection, unless the host has since made a newer one. */
    boolean left(AgentConnection connection) {
        boolean left = connected.remove(connection.hostId(), connection);
        changed(connection.hostId());
        return left;
    }

    void check(Duration silenceLimit) {
        connected.values().forEach(connection -> {
            clones.seen(connection);
            connection.check(silenceLimit);
        });
        var alone = clones.forgetGone();
        alone.forEach(hostId -> {
            find(hostId).ifPresent(connection -> connection.close(SAY_HELLO_AGAIN, "say hello again"));
            changed(hostId);
        });
        if (!allBack && !comingBack()) {
            allBack = true;
            changed(""); // hosts that have not reconnected are offline from now on
        }
    }
}
