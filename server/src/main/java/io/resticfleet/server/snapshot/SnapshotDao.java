package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * The {@code snapshots} and {@code snapshot_lists} tables. Other features use {@link Snapshots}.
 *
 * <p>A list shows the rows of its generation: added in it or before, and removed later or not at all. So a report changes
 * rows in many short transactions, and the list in one.
 *
 * <p>The list of a repository stays when its host moves to another: a repository that is known to have snapshots is never
 * created again, and a host that returns has its list at once.
 */
interface SnapshotDao {

    @SqlQuery("""
            SELECT refreshed_at, generation, total, bytes, checksums, result_sequence, whole
              FROM snapshot_lists
             WHERE host_id = :hostId AND repository_id = :repositoryId
            """)
    Optional<SnapshotListRow> find(HostId hostId, RepositoryId repositoryId);

    @SqlUpdate("""
            INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, bytes, checksums,
                                        result_sequence, whole)
            VALUES (:hostId, :repositoryId, :list.refreshedAt, :list.generation, :list.total, :list.bytes,
                    :list.checksums, :list.resultSequence, :list.whole)
            ON CONFLICT (host_id, repository_id) DO UPDATE
               SET refreshed_at = excluded.refreshed_at, generation = excluded.generation, total = excluded.total,
                   bytes = excluded.bytes, checksums = excluded.checksums, result_sequence = excluded.result_sequence,
                   whole = excluded.whole
            """)
    void store(HostId hostId, RepositoryId repositoryId, @BindMethods("list") SnapshotListRow list);

    @SqlUpdate(
            "UPDATE snapshot_lists SET result_sequence = NULL WHERE host_id = :hostId AND result_sequence IS NOT NULL")
    void forgetSequence(HostId hostId);

    /** Whether the last list of any host has snapshots of this repository. */
    @SqlQuery("SELECT EXISTS (SELECT 1 FROM snapshot_lists WHERE repository_id = :repositoryId AND total > 0)")
    boolean any(RepositoryId repositoryId);

    /** Number of all snapshots of a repository: in the list of all hosts' snapshots, else in those of its hosts together. */
    @SqlQuery("""
            SELECT coalesce(max(iif(whole, total, NULL)), sum(total), 0)
              FROM snapshot_lists
             WHERE repository_id = :repositoryId
            """)
    long count(RepositoryId repositoryId);

    /** When all snapshots of a repository were last listed; empty if only those of its hosts were. */
    @SqlQuery("SELECT max(refreshed_at) FROM snapshot_lists WHERE repository_id = :repositoryId AND whole")
    Optional<Instant> wholeSince(RepositoryId repositoryId);

    /** The hosts with a list of a repository. */
    @SqlQuery("SELECT host_id FROM snapshot_lists WHERE repository_id = :repositoryId AND total > 0")
    List<HostId> hosts(RepositoryId repositoryId);

    /** Newest first, those before {@code beforeAt} and {@code beforeId}. */
    @SqlQuery("""
            SELECT snapshot_json
              FROM snapshots
             WHERE host_id = :hostId AND repository_id = :repositoryId
               AND (taken_at, id) < (:beforeAt, :beforeId)
               AND added_in <= :generation AND coalesce(removed_in, :generation + 1) > :generation
             ORDER BY taken_at DESC, id DESC
             LIMIT :limit
            """)
    List<Snapshot> list(
            HostId hostId, RepositoryId repositoryId, long generation, long beforeAt, String beforeId, int limit);

    /** Those of these snapshots that the list shows. */
    @SqlQuery("""
            SELECT snapshot_json
              FROM snapshots
             WHERE host_id = :hostId AND repository_id = :repositoryId AND id IN (<ids>)
               AND added_in <= :generation AND coalesce(removed_in, :generation + 1) > :generation
            """)
    List<Snapshot> some(HostId hostId, RepositoryId repositoryId, long generation, @BindList List<String> ids);

    /** As {@link #list}, of a list with the snapshots of all hosts: those of one. */
    @SqlQuery("""
            SELECT snapshot_json
              FROM snapshots
             WHERE host_id = :hostId AND repository_id = :repositoryId AND hostname = :hostname
               AND (taken_at, id) < (:beforeAt, :beforeId)
               AND added_in <= :generation AND coalesce(removed_in, :generation + 1) > :generation
             ORDER BY taken_at DESC, id DESC
             LIMIT :limit
            """)
    List<Snapshot> listOf(
            String hostname,
            HostId hostId,
            RepositoryId repositoryId,
            long generation,
            long beforeAt,
            String beforeId,
            int limit);

    /** As {@link #listOf}, those after {@code afterAt} and {@code afterId}, oldest first. */
    @SqlQuery("""
            SELECT snapshot_json
              FROM snapshots
             WHERE host_id = :hostId AND repository_id = :repositoryId AND hostname = :hostname
               AND (taken_at, id) > (:afterAt, :afterId)
               AND added_in <= :generation AND coalesce(removed_in, :generation + 1) > :generation
             ORDER BY taken_at, id
             LIMIT :limit
            """)
    List<Snapshot> nextOf(
            String hostname,
            HostId hostId,
            RepositoryId repositoryId,
            long generation,
            long afterAt,
            String afterId,
            int limit);

    @SqlQuery("""
            SELECT count(*)
              FROM snapshots
             WHERE host_id = :hostId AND repository_id = :repositoryId AND hostname = :hostname
               AND added_in <= :generation AND coalesce(removed_in, :generation + 1) > :generation
            """)
    long countOf(String hostname, HostId hostId, RepositoryId repositoryId, long generation);

    /** Passes on the ids of a list. */
    @SqlQuery("""
            SELECT id
              FROM snapshots
             WHERE host_id = :hostId AND repository_id = :repositoryId
               AND added_in <= :generation AND coalesce(removed_in, :generation + 1) > :generation
            """)
    void ids(HostId hostId, RepositoryId repositoryId, long generation, Consumer<String> to);

    /** The id of a snapshot that begins with these digits. */
    @SqlQuery("""
            SELECT id
              FROM snapshots
             WHERE host_id = :hostId AND repository_id = :repositoryId AND id >= :digits AND id < :digits || 'g'
             LIMIT 1
            """)
    Optional<String> idOf(HostId hostId, RepositoryId repositoryId, String digits);

    /** Adds a snapshot; returns its size in bytes, empty if it is there already. */
    @SqlQuery("""
            INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in)
            VALUES (:hostId, :repositoryId, :id, :takenAt, :snapshot, :generation)
            ON CONFLICT (host_id, repository_id, id) DO NOTHING
            RETURNING octet_length(snapshot_json)
            """)
    Optional<Long> add(
            HostId hostId, RepositoryId repositoryId, String id, Instant takenAt, Snapshot snapshot, long generation);

    /** Removes the snapshot whose id begins with these digits; returns its size in bytes, empty if there is none. */
    @SqlQuery("""
            UPDATE snapshots
               SET removed_in = :generation
             WHERE host_id = :hostId AND repository_id = :repositoryId AND id >= :digits AND id < :digits || 'g'
               AND added_in < :generation AND removed_in IS NULL
            RETURNING octet_length(snapshot_json)
            """)
    Optional<Long> remove(HostId hostId, RepositoryId repositoryId, String digits, long generation);

    /** Undoes the removals of a report that did not end. */
    @SqlUpdate("""
            UPDATE snapshots
               SET removed_in = NULL
             WHERE host_id = :hostId AND repository_id = :repositoryId AND removed_in > :generation
            """)
    void undoRemovals(HostId hostId, RepositoryId repositoryId, long generation);

    /** Deletes some of the rows that the list does not show. Returns how many. */
    @SqlUpdate("""
            DELETE FROM snapshots
             WHERE rowid IN (SELECT rowid
                               FROM snapshots
                              WHERE host_id = :hostId AND repository_id = :repositoryId
                                AND (added_in > :generation OR removed_in <= :generation)
                              LIMIT :limit)
            """)
    int deleteHidden(HostId hostId, RepositoryId repositoryId, long generation, int limit);

    /** In which lists the snapshots are whose ids begin with these digits. */
    @SqlQuery("""
            SELECT snapshots.host_id, snapshots.repository_id, snapshot_json AS snapshot
              FROM snapshots JOIN snapshot_lists USING (host_id, repository_id)
             WHERE snapshots.id >= :digits AND snapshots.id < :digits || 'g'
               AND added_in <= generation AND coalesce(removed_in, generation + 1) > generation
             ORDER BY snapshots.id
            """)
    List<ListedSnapshot> listed(String digits);

    /** Those of these snapshots that are in the list of any host. */
    @SqlQuery("""
            SELECT DISTINCT snapshots.id
              FROM snapshots JOIN snapshot_lists USING (host_id, repository_id)
             WHERE repository_id = :repositoryId AND snapshots.id IN (<ids>)
               AND added_in <= generation AND coalesce(removed_in, generation + 1) > generation
            """)
    List<String> listed(RepositoryId repositoryId, @BindList List<String> ids);

    @SqlQuery("""
            SELECT coalesce(sum(number), 0)
              FROM (SELECT coalesce(max(iif(whole, total, NULL)), sum(total)) AS number
                      FROM snapshot_lists
                     GROUP BY repository_id)
            """)
    long countAll();
}
