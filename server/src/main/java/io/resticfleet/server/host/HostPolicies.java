package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.AgentConnection;
import java.util.Map;
import java.util.Optional;

/** The policies of hosts, as their agents last reported them. For display only: each agent enforces its own. */
public final class HostPolicies {

    private final Database db;

    public HostPolicies(Database db) {
        this.db = db;
    }

    /** Stores the policy that an agent reports. */
    public void reported(AgentConnection connection, ToServer.PolicyReport report) {
        db.note(tx -> tx.attach(HostDao.class).policy(connection.hostId(), report.policy()));
    }

    /** Absent until the agent has reported one; older agents never do. */
    public Optional<HostPolicy> find(HostId hostId) {
        return db.read(handle -> handle.attach(HostDao.class).policy(hostId));
    }

    /** The reported policies of all hosts, by host id. */
    public Map<HostId, HostPolicy> all() {
        return db.read(handle -> handle.attach(HostDao.class).policies());
    }
}
