package io.resticfleet.server.status;

import io.resticfleet.server.host.Host;
import io.resticfleet.server.link.Agents;
import java.util.Locale;

/** Whether a host's agent is there. */
public enum Presence {
    ONLINE,
    /** Not connected, but this server has started only now, and cannot say yet that it is away. */
    AWAITED,
    OFFLINE,
    /** Enrolled, but never connected. */
    NEVER_SEEN;

    static Presence of(Host host, Agents agents) {
        if (agents.connected(host.id())) {
            return ONLINE;
        }
        if (host.lastSeenAt().isEmpty()) {
            return NEVER_SEEN;
        }
        return agents.awaited(host.id()) ? AWAITED : OFFLINE;
    }

    /** As the API says it, such as {@code never_seen}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
