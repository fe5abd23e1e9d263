package io.resticfleet.server.link;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Keeps what {@link CloneDetector} has found over a restart of the server. */
public interface CloneMemory {

    /**
     * One of a host's clones.
     *
     * @param instanceId of the agent's process
     * @param foundAt when the clones of the host were detected
     */
    record Clone(String instanceId, AgentInstance instance, Instant foundAt) {}

    /** All clones, by host. */
    Map<HostId, List<Clone>> load();

    /** Replaces the clones of a host; with none if it has only one agent. Must be quick, and must not throw. */
    void store(HostId hostId, List<Clone> clones);
}
