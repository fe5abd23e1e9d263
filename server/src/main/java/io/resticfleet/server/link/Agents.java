package io.resticfleet.server.link;

import io.resticfleet.protocol.ToAgent;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The agents connected right now, and the way to reach them. Safe for use by many threads. */
public final class Agents {

    private static final int DISPLACED = 4000;
    private static final int DELETED = 4001;

    private final Map<String, AgentConnection> connected = new ConcurrentHashMap<>();
    private volatile Runnable afterChange = () -> {};

    /** @param listener called when a host has connected or is gone; must be quick, and not throw */
    public void afterChange(Runnable listener) {
        afterChange = listener;
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

    /** Ids of the hosts that are connected. */
    public Set<String> connected() {
        return Set.copyOf(connected.keySet());
    }

    /** Cuts off a host that is no longer one of ours. */
    public void dismiss(String hostId) {
        Optional.ofNullable(connected.remove(hostId))
                .ifPresent(connection -> connection.close(DELETED, "this host was deleted on the server"));
        afterChange.run();
    }

    Optional<AgentConnection> find(String hostId) {
        return Optional.ofNullable(connected.get(hostId));
    }

    /** The newest connection of a host wins; the one before it is closed. */
    void joined(AgentConnection connection) {
        var before = connected.put(connection.hostId(), connection);
        if (before != null) {
            before.close(DISPLACED, "the same host has connected again");
        }
        afterChange.run();
    }

    /** Forgets this connection, unless the host has since made a newer one. */
    boolean left(AgentConnection connection) {
        boolean left = connected.remove(connection.hostId(), connection);
        afterChange.run();
        return left;
    }

    void check(Duration silenceLimit) {
        connected.values().forEach(connection -> connection.check(silenceLimit));
    }
}
