package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.link.AgentInstance;
import io.resticfleet.server.link.CloneMemory;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code cloned_agents} table. */
interface CloneDao {

    record Row(
            HostId hostId,
            String instanceId,
            String hostname,
            String bootId,
            String address,
            Instant sinceAt,
            Instant foundAt) {

        static Row of(HostId hostId, CloneMemory.Clone clone) {
            var instance = clone.instance();
            return new Row(
                    hostId,
                    clone.instanceId(),
                    instance.hostname(),
                    instance.bootId(),
                    instance.address(),
                    instance.since(),
                    clone.foundAt());
        }

        CloneMemory.Clone toClone() {
            return new CloneMemory.Clone(instanceId, new AgentInstance(hostname, bootId, address, sinceAt), foundAt);
        }
    }

    @SqlQuery("SELECT * FROM cloned_agents ORDER BY host_id, instance_id")
    List<Row> all();

    @SqlUpdate("DELETE FROM cloned_agents WHERE host_id = :hostId")
    void clear(HostId hostId);

    /** Does nothing if the host was deleted meanwhile. */
    @SqlUpdate("""
            INSERT INTO cloned_agents (host_id, instance_id, hostname, boot_id, address, since_at, found_at)
            SELECT id, :instanceId, :hostname, :bootId, :address, :sinceAt, :foundAt FROM hosts WHERE id = :hostId
            """)
    void insert(@BindMethods Row row);
}
