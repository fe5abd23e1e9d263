package io.resticfleet.server.host;

import java.util.Optional;

/**
 * How far a host's agent has followed its schedules.
 *
 * @param version raised by one with every change; 0 before the first
 * @param appliedVersion what the agent last said it obeys; 0 before it said so
 * @param refused why the agent refused the newest set; absent if it did not
 */
public record ScheduleVersion(String hostId, long version, long appliedVersion, Optional<String> refused) {

    static ScheduleVersion none(String hostId) {
        return new ScheduleVersion(hostId, 0, 0, Optional.empty());
    }

    /** Whether the agent obeys something else than what is set here. */
    public boolean drifted() {
        return appliedVersion != version;
    }
}
