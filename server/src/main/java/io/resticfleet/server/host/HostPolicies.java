package io.resticfleet.server.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.AgentConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the owners of machines allow there, as their agents last told. Only to be shown: an agent enforces it, whoever asks. */
public final class HostPolicies {

    private static final JsonMapper JSON = Wire.builder().build();

    private final Database db;

    public HostPolicies(Database db) {
        this.db = db;
    }

    /** An agent tells what its machine allows. */
    public void reported(AgentConnection connection, ToServer.PolicyReport report) {
        var json = write(report.policy());
        db.note(tx -> tx.attach(HostDao.class).policy(connection.hostId(), json));
    }

    /** Absent until the agent has told, as older ones do not. */
    public Optional<HostPolicy> find(String hostId) {
        return db.read(handle -> handle.attach(HostDao.class).policy(hostId)).map(HostPolicies::read);
    }

    /** By id, of all hosts whose agents have told. */
    public Map<String, HostPolicy> all() {
        var found = new HashMap<String, HostPolicy>();
        db.read(handle -> handle.attach(HostDao.class).policies()).forEach((id, json) -> found.put(id, read(json)));
        return found;
    }

    private static String write(HostPolicy policy) {
        try {
            return JSON.writeValueAsString(policy);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a policy", e);
        }
    }

    private static HostPolicy read(String json) {
        try {
            return JSON.readValue(json, HostPolicy.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored policy cannot be read", e);
        }
    }
}
