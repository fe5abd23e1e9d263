package io.resticfleet.server.status;

import io.resticfleet.server.host.Host;
import io.resticfleet.server.link.Agents;
import java.util.Locale;

/** Whether a host's agent is connected. */
public enum Presence {
    ONLINE,
    /** Not connected, within the grace period after the server's start. */
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

    /** The name in the API, such as {@code never_seen}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
