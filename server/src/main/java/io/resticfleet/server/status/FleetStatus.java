package io.resticfleet.server.status;

import io.resticfleet.protocol.HostId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The status of all hosts at one moment. Without a change it is the same object, and a host without a change keeps its
 * {@link HostStatus} object: whatever is computed from them can be cached by identity.
 */
public final class FleetStatus {

    static final FleetStatus NONE = new FleetStatus(List.of());

    private final List<HostStatus> hosts;
    private final Map<HostId, HostStatus> byId;

    FleetStatus(Collection<HostStatus> hosts) {
        this.hosts = List.copyOf(hosts);
        this.byId = new HashMap<>(2 * hosts.size());
        this.hosts.forEach(status -> byId.put(status.host().id(), status));
    }

    /** All hosts, in order of enrolment. */
    public List<HostStatus> hosts() {
        return hosts;
    }

    public Optional<HostStatus> find(HostId hostId) {
        return Optional.ofNullable(byId.get(hostId));
    }

    /** Those of the given hosts that exist, in the order given. */
    public List<HostStatus> some(List<HostId> hostIds) {
        return hostIds.stream().flatMap(id -> find(id).stream()).toList();
    }

    /** Returns this object if all hosts are the same objects. */
    FleetStatus with(List<HostStatus> others) {
        boolean same = others.size() == hosts.size();
        for (int i = 0; same && i < hosts.size(); i++) {
            same = hosts.get(i) == others.get(i);
        }
        return same ? this : new FleetStatus(others);
    }
}
