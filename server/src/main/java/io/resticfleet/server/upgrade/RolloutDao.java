package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.HostId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The tables {@code agent_rollout} and {@code agent_rollout_hosts}. */
interface RolloutDao {

    /** @param detail why it halted; absent if it did not */
    record State(String state, Optional<String> detail) {}

    @SqlQuery("SELECT state, detail FROM agent_rollout")
    Optional<State> state();

    @SqlUpdate("""
            INSERT INTO agent_rollout (id, state, detail) VALUES (1, :state, :detail)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, detail = excluded.detail
            """)
    void state(String state, Optional<String> detail);

    @SqlQuery("SELECT host_id FROM agent_rollout_hosts ORDER BY position")
    List<HostId> hosts();

    @SqlBatch("""
            INSERT INTO agent_rollout_hosts (position, host_id)
            SELECT coalesce(max(position), 0) + 1, :hostId FROM agent_rollout_hosts
            """)
    void add(List<HostId> hostId);

    @SqlUpdate("DELETE FROM agent_rollout_hosts WHERE host_id = :hostId")
    void remove(HostId hostId);

    @SqlUpdate("DELETE FROM agent_rollout_hosts")
    void clear();
}
