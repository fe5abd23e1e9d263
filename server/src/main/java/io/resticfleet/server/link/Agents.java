package io.resticfleet.server.link;

import io.resticfleet.protocol.HostId;
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
 * The connected agents, and those that have not reconnected since this server started. Safe for use by many threads.
 */
public final class Agents {

    /** Grace period after server start before a disconnected agent counts as offline. */
    public static final Duration START_GRACE = Duration.ofMinutes(5);

    private static final int DELETED = 4001;

    /**
     * Close code for the last one of several clones: jobs that it does not list in its next hello belonged to the
     * others and have ended.
     */
    private static final int NEW_HELLO = 4002;

    private static final int REPLACED = 4003;

    private final Map<HostId, AgentConnection> connected = new ConcurrentHashMap<>();
    private final Set<HostId> seenSinceStart = ConcurrentHashMap.newKeySet();
    private final LongSupplier nanoTime;
    private final long startedAt;
    private final CloneDetector clones;
    private final Consumer<Optional<HostId>> onChange;
    private final AtomicLong changes = new AtomicLong();
    private volatile Optional<Long> storedAgainAt = Optional.empty();
    private volatile boolean graceOver;

    /**
     * Starts the grace period.
     *
     * @param onChange called with the id of a host that has connected or disconnected, or whose number of agents has
     *     changed; empty if it can be any host. Must be quick, and must not throw
     */
    public Agents(LongSupplier nanoTime, InstantSource clock, Consumer<Optional<HostId>> onChange, CloneMemory memory) {
        this.onChange = onChange;
        this.clones = new CloneDetector(nanoTime, clock, this::changed, memory);
        this.nanoTime = nanoTime;
        this.startedAt = nanoTime.getAsLong();
    }

    private void changed(HostId hostId) {
        changed(Optional.of(hostId));
    }

    private void changed(Optional<HostId> hostId) {
        changes.incrementAndGet();
        onChange.accept(hostId);
    }

    /** Number of changes so far to the state kept here. */
    public long changes() {
        return changes.get();
    }

    /**
     * Sends a message if the host is connected.
     *
     * <p>Callers may ignore the result only for messages that are sent again at the next hello.
     *
     * @return whether there was an open connection; not whether the message arrived
     */
    public boolean send(HostId hostId, ToAgent message) {
        return find(hostId).map(connection -> connection.send(message)).orElse(false);
    }

    /** Whether a host is connected and has been sent its repositories and schedules, so that it can be sent jobs. */
    public boolean isReady(HostId hostId) {
        return find(hostId).filter(AgentConnection::isReady).isPresent();
    }

    public boolean connected(HostId hostId) {
        return connected.containsKey(hostId);
    }

    /** Whether a host's connection crosses the network unencrypted; empty while it is not connected. */
    public Optional<Boolean> exposed(HostId hostId) {
        return find(hostId).map(AgentConnection::exposed);
    }

    /** Ids of the hosts that are connected. */
    public Set<HostId> connected() {
        return Set.copyOf(connected.keySet());
    }

    /** Whether a host may still reconnect within {@link #START_GRACE}: it has not been connected since server start. */
    public boolean awaited(HostId hostId) {
        return inStartGrace() && !seenSinceStart.contains(hostId);
    }

    /** Whether {@link #START_GRACE} is running, during which nothing missing is reported. By the monotonic clock. */
    public boolean inStartGrace() {
        return nanoTime.getAsLong() - startedAt < START_GRACE.toNanos();
    }

    /**
     * Whether agents may have results that this server could not store: for {@link #START_GRACE} after its start, and after
     * it can store again. Nothing is known to be missing then. By the monotonic clock.
     */
    public boolean awaitsReports() {
        return inStartGrace()
                || storedAgainAt
                        .filter(at -> nanoTime.getAsLong() - at < START_GRACE.toNanos())
                        .isPresent();
    }

    /** Storing works again after a failure; agents send what was refused. */
    void storesAgain() {
        storedAgainAt = Optional.of(nanoTime.getAsLong());
    }

    /** The hosts that have more than one agent. */
    public CloneDetector clones() {
        return clones;
    }

    /** Disconnects a deleted host. */
    public void dismiss(HostId hostId) {
        Optional.ofNullable(connected.remove(hostId))
                .ifPresent(connection -> connection.close(DELETED, "this host was deleted on the server"));
        changed(hostId);
    }

    /** Disconnects the agent of a machine that another has taken the place of, and forgets its clones. */
    public void replaced(HostId hostId) {
        clones.forget(hostId);
        find(hostId)
                .ifPresent(connection -> connection.close(REPLACED, "another machine has taken the place of this one"));
        changed(hostId);
    }

    /** Whether a host is connected, by an agent with this feature. */
    public boolean supports(HostId hostId, String feature) {
        return find(hostId).filter(agent -> agent.supports(feature)).isPresent();
    }

    /** The present connection of a host; empty if it is offline. */
    public Optional<AgentConnection> find(HostId hostId) {
        return Optional.ofNullable(connected.get(hostId));
    }

    /** Registers a connection, and closes an earlier one of the same host. */
    void joined(AgentConnection connection) {
        var before = connected.put(connection.hostId(), connection);
        seenSinceStart.add(connection.hostId());
        if (before != null) {
            before.close(Protocol.CLOSED_DISPLACED, "the same host has connected again");
        }
        changed(connection.hostId());
    }

    /** Removes this connection, unless the host has a newer one. Returns whether it was removed. */
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
            find(hostId).ifPresent(connection -> connection.close(NEW_HELLO, "connect again and send a new hello"));
            changed(hostId);
        });
        if (!graceOver && !inStartGrace()) {
            graceOver = true;
            changed(Optional.empty()); // hosts that have not reconnected are offline from now on
        }
    }
}
