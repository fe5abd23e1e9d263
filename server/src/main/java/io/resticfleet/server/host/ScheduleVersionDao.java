package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code host_schedule_version} table. Other features use {@link ScheduleVersions}. */
interface ScheduleVersionDao {

    @SqlQuery("SELECT * FROM host_schedule_version WHERE host_id = :hostId")
    Optional<ScheduleVersion> find(HostId hostId);

    @SqlQuery("SELECT * FROM host_schedule_version WHERE host_id IN (<hostIds>)")
    List<ScheduleVersion> some(@BindList Collection<HostId> hostIds);

    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version)
            VALUES (:hostId, 1)
            ON CONFLICT (host_id) DO UPDATE SET version = version + 1, refused = NULL
            """)
    void raise(HostId hostId);

    /**
     * Agents never accept a lower version: one that was enrolled with another server before gets this server's set with
     * a higher version than it has.
     */
    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version)
            SELECT :hostId, :agentVersion + 1 WHERE :agentVersion > 0
            ON CONFLICT (host_id) DO UPDATE SET version = :agentVersion + 1
             WHERE version < :agentVersion
            """)
    void raisePast(HostId hostId, long agentVersion);

    /** The server's set wins, even over the same version at the agent, which may be another set after a restore. */
    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version)
            SELECT :hostId, :agentVersion + 1 WHERE :agentVersion > 0
            ON CONFLICT (host_id) DO UPDATE SET version = :agentVersion + 1, refused = NULL
             WHERE version <= :agentVersion
            """)
    void raiseOver(HostId hostId, long agentVersion);

    /** The version that the agent applies now. May be lower than before, as its disk may have been restored. */
    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version, applied_version, applied_at)
            VALUES (:hostId, 0, 0, :now)
            ON CONFLICT (host_id) DO UPDATE SET applied_version = :agentVersion, applied_at = :now
             WHERE :agentVersion <= version
            """)
    void applies(HostId hostId, long agentVersion, Instant now);

    /** The agent is another one, which applies none yet. */
    @SqlUpdate("""
            UPDATE host_schedule_version
               SET applied_version = 0, applied_at = NULL, refused = NULL
             WHERE host_id = :hostId
            """)
    void forgetApplied(HostId hostId);

    /** Neither lowers the version nor raises it above the newest one: acks may arrive late or twice. */
    @SqlUpdate("""
            UPDATE host_schedule_version
               SET applied_version = :applied, applied_at = :now, refused = :refused
             WHERE host_id = :hostId
               AND :applied BETWEEN applied_version AND version
            """)
    void acked(HostId hostId, long applied, Optional<String> refused, Instant now);
}
