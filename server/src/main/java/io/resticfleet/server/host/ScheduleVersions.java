package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The version of each host's schedule set, and the one its agent applies. The version only rises, and agents never
 * accept a lower one. Safe for use by many threads.
 */
public final class ScheduleVersions {

    private final Database db;

    public ScheduleVersions(Database db) {
        this.db = db;
    }

    /** Version 0 for a host that never had a schedule. */
    public ScheduleVersion get(Handle handle, HostId hostId) {
        return handle.attach(ScheduleVersionDao.class).find(hostId).orElseGet(() -> ScheduleVersion.none(hostId));
    }

    /** Versions of these hosts, by host id. */
    public Map<HostId, ScheduleVersion> get(Collection<HostId> hostIds) {
        return db.read(handle -> get(handle, hostIds));
    }

    public Map<HostId, ScheduleVersion> get(Handle handle, Collection<HostId> hostIds) {
        if (hostIds.isEmpty()) {
            return Map.of();
        }
        var found = handle.attach(ScheduleVersionDao.class).some(hostIds).stream()
                .collect(Collectors.toMap(ScheduleVersion::hostId, Function.identity()));
        return hostIds.stream()
                .collect(Collectors.toMap(Function.identity(), id -> found.getOrDefault(id, ScheduleVersion.none(id))));
    }

    /** Raises the version by one, for a change that this transaction makes. */
    public void raise(Handle tx, HostId hostId) {
        tx.attach(ScheduleVersionDao.class).raise(hostId);
    }

    /** Raises the version above the agent's if that is higher, as when it was enrolled with another server before. */
    public void raisePast(Handle tx, HostId hostId, long agentVersion) {
        tx.attach(ScheduleVersionDao.class).raisePast(hostId, agentVersion);
    }

    /** Raises the version above the agent's, even if both are equal, as they may be of different sets. */
    public void raiseOver(Handle tx, HostId hostId, long agentVersion) {
        tx.attach(ScheduleVersionDao.class).raiseOver(hostId, agentVersion);
    }

    /** Records the version that an agent reports as applied at hello. */
    public void applies(Handle tx, HostId hostId, long agentVersion, Instant now) {
        tx.attach(ScheduleVersionDao.class).applies(hostId, agentVersion, now);
    }

    /** Forgets which version a host's agent applies, as it is another one from now on. */
    public void forgetApplied(Handle tx, HostId hostId) {
        tx.attach(ScheduleVersionDao.class).forgetApplied(hostId);
    }

    /** Records an acknowledgement, or why the agent rejected the newest set. */
    public void acked(Handle tx, HostId hostId, ToServer.ScheduleAck ack, Instant now) {
        tx.attach(ScheduleVersionDao.class).acked(hostId, ack.version(), ack.refused(), now);
    }
}
