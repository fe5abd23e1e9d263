package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code snapshots} and {@code snapshot_lists} tables. Other features use {@link Snapshots}. */
interface SnapshotDao {

    @SqlQuery("SELECT refreshed_at FROM snapshot_lists WHERE host_id = :hostId")
    Optional<Instant> refreshedAt(HostId hostId);

    @SqlQuery("SELECT result_sequence FROM snapshot_lists WHERE host_id = :hostId AND result_sequence IS NOT NULL")
    Optional<Long> sequence(HostId hostId);

    @SqlUpdate("""
            INSERT INTO snapshot_lists (host_id, refreshed_at, result_sequence)
            VALUES (:hostId, :at, :sequence)
            ON CONFLICT (host_id) DO UPDATE
               SET refreshed_at = excluded.refreshed_at, result_sequence = excluded.result_sequence
            """)
    void refreshed(HostId hostId, Instant at, long sequence);

    @SqlUpdate("DELETE FROM snapshot_lists WHERE host_id = :hostId")
    void deleteList(HostId hostId);

    @SqlUpdate("DELETE FROM snapshots WHERE host_id = :hostId")
    void deleteAll(HostId hostId);

    @SqlUpdate("""
            INSERT OR IGNORE INTO snapshots (host_id, id, taken_at, snapshot_json)
            VALUES (:hostId, :id, :takenAt, :snapshot)
            """)
    void insert(HostId hostId, String id, Instant takenAt, Snapshot snapshot);

    @SqlQuery("SELECT snapshot_json FROM snapshots WHERE host_id = :hostId ORDER BY taken_at DESC, id")
    List<Snapshot> list(HostId hostId);

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM snapshots WHERE host_id = :hostId)")
    boolean any(HostId hostId);
}
