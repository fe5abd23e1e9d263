package io.resticfleet.server.divergence;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code restored_hosts} and {@code database_epoch} tables. Other features ask {@link Divergences}. */
interface DivergenceDao {

    @SqlQuery("SELECT epoch FROM database_epoch WHERE id = 1")
    String epoch();

    @SqlUpdate("UPDATE database_epoch SET epoch = lower(hex(randomblob(16))) WHERE id = 1")
    void newEpoch();

    /** Whether {@link io.resticfleet.server.recovery.DatabaseRestore} has put this file in place, and nobody has taken note. */
    @SqlQuery("PRAGMA user_version")
    long restoredMark();

    @SqlUpdate("PRAGMA user_version = 0")
    void clearRestoredMark();

    /** Removes an earlier decision. */
    @SqlUpdate("""
            INSERT OR REPLACE INTO restored_hosts (host_id, since_at, reason)
            SELECT id, :now, :reason FROM hosts
            """)
    void allWait(Instant now, String reason);

    @SqlUpdate("""
            INSERT INTO restored_hosts (host_id, since_at, reason, held_version)
            VALUES (:hostId, :now, :reason, :held)
            ON CONFLICT (host_id) DO UPDATE SET held_version = excluded.held_version
            """)
    void waits(HostId hostId, Instant now, String reason, long held);

    @SqlQuery("SELECT * FROM restored_hosts WHERE host_id = :hostId")
    Optional<DivergedHostRow> find(HostId hostId);

    @SqlQuery("""
            SELECT r.host_id, r.since_at AS since, r.reason, r.held_version, coalesce(v.version, 0) AS our_version
              FROM restored_hosts r
              LEFT JOIN host_schedule_version v ON v.host_id = r.host_id
             WHERE r.decision IS NULL
             ORDER BY r.host_id
            """)
    List<DivergedHost> undecided();

    @SqlUpdate("UPDATE restored_hosts SET decision = :decision, decided_by = :by WHERE host_id = :hostId")
    void decide(HostId hostId, String decision, String by);

    /** The decision cannot be carried out: another one is needed. */
    @SqlUpdate("""
            UPDATE restored_hosts SET decision = NULL, decided_by = NULL, reason = :reason WHERE host_id = :hostId
            """)
    void askAgain(HostId hostId, String reason);

    @SqlUpdate("DELETE FROM restored_hosts WHERE host_id = :hostId")
    void done(HostId hostId);
}
