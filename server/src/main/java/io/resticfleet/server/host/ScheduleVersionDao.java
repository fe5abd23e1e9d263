package io.resticfleet.server.host;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code host_schedule_version} table. Other features ask {@link ScheduleVersions}. */
interface ScheduleVersionDao {

    @SqlQuery("SELECT * FROM host_schedule_version WHERE host_id = :hostId")
    Optional<ScheduleVersion> find(String hostId);

    @SqlQuery("SELECT * FROM host_schedule_version WHERE host_id IN (<hostIds>)")
    List<ScheduleVersion> some(@BindList Collection<String> hostIds);

    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version)
            VALUES (:hostId, 1)
            ON CONFLICT (host_id) DO UPDATE SET version = version + 1, refused = NULL
            """)
    void raise(String hostId);

    /** Agents never go back: one that joined another server before gets ours with a version past what it holds. */
    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version)
            SELECT :hostId, :held + 1 WHERE :held > 0
            ON CONFLICT (host_id) DO UPDATE SET version = :held + 1
             WHERE version < :held
            """)
    void raisePast(String hostId, long held);

    /** Ours hold: also if the agent has the same version, which after a restore may be of another set. */
    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version)
            SELECT :hostId, :held + 1 WHERE :held > 0
            ON CONFLICT (host_id) DO UPDATE SET version = :held + 1, refused = NULL
             WHERE version <= :held
            """)
    void raiseOver(String hostId, long held);

    /** What the agent obeys now, which may be less than it once did: its disk may have been restored. */
    @SqlUpdate("""
            INSERT INTO host_schedule_version (host_id, version, applied_version, applied_at)
            VALUES (:hostId, 0, 0, :now)
            ON CONFLICT (host_id) DO UPDATE SET applied_version = :held, applied_at = :now
             WHERE :held <= version
            """)
    void holds(String hostId, long held, Instant now);

    /** Never moves backwards, nor past what was ever set: acks may come late or twice. */
    @SqlUpdate("""
            UPDATE host_schedule_version
               SET applied_version = :applied, applied_at = :now, refused = :refused
             WHERE host_id = :hostId
               AND :applied BETWEEN applied_version AND version
            """)
    void acked(String hostId, long applied, Optional<String> refused, Instant now);
}
