package io.resticfleet.server.db;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import java.util.Optional;

/**
 * A change to what pages show: to rows of a table, or to state in memory only.
 *
 * @param what the name of a table, or of state in memory, such as {@code connection}
 * @param hostId the host it belongs to; empty if the row has no host
 * @param jobId the job it belongs to; empty if the row has no job
 */
public record Change(String what, Optional<HostId> hostId, Optional<JobId> jobId) {

    /** Storage has failed, or works again. */
    static final Change STORAGE = new Change("storage", Optional.empty(), Optional.empty());

    /**
     * A change to state in memory.
     *
     * @param hostId the host it belongs to; empty if it can be any
     */
    public static Change of(String what, Optional<HostId> hostId) {
        return new Change(what, hostId, Optional.empty());
    }
}
