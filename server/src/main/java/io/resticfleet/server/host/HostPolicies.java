package io.resticfleet.server.host;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.AgentConnection;
import java.util.Map;
import java.util.Optional;

/** What the owners of machines allow there, as their agents last told. Only to be shown: an agent enforces it, whoever asks. */
public final class HostPolicies {

    private final Database db;

    public HostPolicies(Database db) {
        this.db = db;
    }

    /** An agent tells what its machine allows. */
    public void reported(AgentConnection connection, ToServer.PolicyReport report) {
        db.note(tx -> tx.attach(HostDao.class).policy(connection.hostId(), report.policy()));
    }

    /** Absent until the agent has told, as older ones do not. */
    public Optional<HostPolicy> find(String hostId) {
        return db.read(handle -> handle.attach(HostDao.class).policy(hostId));
    }

    /** By id, of all hosts whose agents have told. */
    public Map<String, HostPolicy> all() {
        return db.read(handle -> handle.attach(HostDao.class).policies());
    }
}
