package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code agent_upgrades} table. Other features ask {@link Upgrades}. */
interface UpgradeDao {

    @SqlQuery("SELECT * FROM agent_upgrades WHERE host_id = :hostId")
    Optional<UpgradeRow> find(HostId hostId);

    @SqlQuery("SELECT * FROM agent_upgrades ORDER BY host_id")
    List<UpgradeRow> list();

    @SqlUpdate("""
            INSERT INTO agent_upgrades (host_id, refusal) VALUES (:hostId, :refusal)
            ON CONFLICT (host_id) DO UPDATE SET refusal = excluded.refusal
            """)
    void refusal(HostId hostId, Optional<String> refusal);

    @SqlUpdate("""
            UPDATE agent_upgrades
               SET version = :version, state = :state, detail = NULL, ordered_by = :by, changed_at = :now
             WHERE host_id = :hostId
            """)
    void order(HostId hostId, String version, String state, String by, Instant now);

    @SqlUpdate("""
            UPDATE agent_upgrades SET state = :state, detail = :detail, changed_at = :now WHERE host_id = :hostId
            """)
    void step(HostId hostId, String state, Optional<String> detail, Instant now);
}
