package io.resticfleet.server.host;

import io.resticfleet.protocol.DiskReport;
import io.resticfleet.protocol.HostId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The disks of agents' state directories, as each heartbeat reports them. In memory only, as agents report at once when they
 * connect. Safe for use by many threads.
 */
public final class HostDisks {

    private final Map<HostId, DiskReport> disks = new ConcurrentHashMap<>();

    /** @param disk absent from older agents */
    public void heard(HostId hostId, Optional<DiskReport> disk) {
        disk.ifPresentOrElse(report -> disks.put(hostId, report), () -> disks.remove(hostId));
    }

    /** Empty if none was reported since this server started. */
    public Optional<DiskReport> find(HostId hostId) {
        return Optional.ofNullable(disks.get(hostId));
    }
}
