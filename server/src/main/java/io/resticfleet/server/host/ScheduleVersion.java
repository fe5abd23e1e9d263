package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import java.util.Optional;

/**
 * Version of a host's schedule set, and of the one that its agent applies.
 *
 * @param version rises by one with every change; 0 before the first
 * @param appliedVersion version that the agent last reported as applied; 0 before it has
 * @param refused why the agent rejected the newest set; absent if it did not
 */
public record ScheduleVersion(HostId hostId, long version, long appliedVersion, Optional<String> refused) {

    static ScheduleVersion none(HostId hostId) {
        return new ScheduleVersion(hostId, 0, 0, Optional.empty());
    }

    /** Whether the agent applies another version than the server's. */
    public boolean drifted() {
        return appliedVersion != version;
    }
}
