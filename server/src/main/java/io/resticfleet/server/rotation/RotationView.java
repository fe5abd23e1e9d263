package io.resticfleet.server.rotation;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A change of a repository's password, under way or the last one.
 *
 * @param phase adding, proving, removing, failed or done
 * @param requestedBy user name
 * @param jobId the job that adds or removes a key; null if none does now
 * @param detail what it waits for, or why it failed; null if there is nothing to say
 * @param hosts none once it has failed
 */
public record RotationView(
        String phase,
        String requestedBy,
        Instant requestedAt,
        Optional<JobId> jobId,
        Optional<String> detail,
        List<HostView> hosts) {

    /**
     * How far a host is.
     *
     * @param state waiting_offline, waiting, proven, confirmed, failed, or own_password: it has another one, which stays
     * @param detail what it waits for, or why the last step failed; null if there is nothing to say
     */
    public record HostView(HostId id, String name, String state, Optional<String> detail) {}
}
