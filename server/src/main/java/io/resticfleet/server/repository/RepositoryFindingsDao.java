package io.resticfleet.server.repository;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryKey;
import io.resticfleet.protocol.StatsResult;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * What jobs found out about repositories: the {@code repository_stats} and {@code repository_keys} tables, and columns of
 * {@code repositories}. Other features use {@link RepositoryFindings}.
 */
interface RepositoryFindingsDao {

    /** Sets the status, unless a later job has set it; damage stays until a check finds none, whatever else fails. */
    @SqlUpdate("""
            UPDATE repositories
               SET status = :status, status_detail = :detail, checked_at = :at,
                   status_since_at = iif(status = :status, status_since_at, :at)
             WHERE id = :id
               AND (status <> 'damaged' OR :status IN ('ok', 'damaged'))
               AND coalesce(checked_at, 0) <= :at
            """)
    void status(RepositoryId id, String status, Optional<String> detail, Instant at);

    /** Sets that it could be opened, unless a later job has set the status; damage stays until a check finds none. */
    @SqlUpdate("""
            UPDATE repositories
               SET status = 'ok', status_detail = NULL, checked_at = :at,
                   status_since_at = iif(status = 'ok', status_since_at, :at)
             WHERE id = :id
               AND status <> 'damaged'
               AND coalesce(checked_at, 0) <= :at
            """)
    void opened(RepositoryId id, Instant at);

    @SqlUpdate("""
            UPDATE repositories
               SET last_check_at = :at, last_check_ok = :ok, last_check_share = :share
             WHERE id = :id
               AND coalesce(last_check_at, 0) <= :at
            """)
    void checked(RepositoryId id, Instant at, boolean ok, double share);

    @SqlUpdate("UPDATE repositories SET append_only = :word WHERE id = :id")
    void appendOnly(RepositoryId id, String word);

    @SqlUpdate("UPDATE repositories SET last_prune_at = max(coalesce(last_prune_at, 0), :at) WHERE id = :id")
    void pruned(RepositoryId id, Instant at);

    /** Sets the size, unless a later job has measured it. */
    @SqlUpdate("""
            UPDATE repositories
               SET size_bytes = :bytes
             WHERE id = :id
               AND coalesce(last_prune_at, 0) <= :at
               AND NOT EXISTS (SELECT 1 FROM repository_stats WHERE repository_id = :id AND measured_at > :at)
            """)
    void size(RepositoryId id, long bytes, Instant at);

    @SqlUpdate("UPDATE repositories SET read_parts = :parts, read_last = :last WHERE id = :id")
    void read(RepositoryId id, int parts, int last);

    /** The part of a repository's data that was read last; empty for none, or if there were other parts then. */
    @SqlQuery("SELECT read_last FROM repositories WHERE id = :id AND read_parts = :parts")
    Optional<Integer> lastRead(RepositoryId id, int parts);

    @SqlUpdate("""
            INSERT INTO repository_stats (repository_id, day, measured_at, size_bytes, uncompressed_bytes, blob_count,
                                          snapshot_count)
            VALUES (:id, :day, :at, :s.sizeBytes, :s.uncompressedBytes, :s.blobCount, :s.snapshotCount)
            ON CONFLICT (repository_id, day) DO UPDATE
               SET measured_at = excluded.measured_at, size_bytes = excluded.size_bytes,
                   uncompressed_bytes = excluded.uncompressed_bytes, blob_count = excluded.blob_count,
                   snapshot_count = excluded.snapshot_count
             WHERE measured_at <= excluded.measured_at
            """)
    void measured(RepositoryId id, String day, Instant at, @BindMethods("s") StatsResult stats);

    @SqlUpdate("DELETE FROM repository_stats WHERE repository_id = :id AND day < :before")
    void forgetSizes(RepositoryId id, String before);

    @SqlQuery("""
            SELECT day, measured_at, size_bytes, uncompressed_bytes, blob_count, snapshot_count
              FROM repository_stats
             WHERE repository_id = :id
               AND day >= :from
             ORDER BY day
            """)
    List<RepositoryFindings.Size> sizes(RepositoryId id, String from);

    @SqlQuery("SELECT * FROM repository_keys WHERE repository_id = :id ORDER BY created, key_id")
    List<RepositoryFindings.Key> keys(RepositoryId id);

    @SqlQuery("SELECT count(*) FROM repository_keys WHERE repository_id = :id AND NOT expected")
    int unexpectedKeys(RepositoryId id);

    @SqlUpdate("""
            INSERT INTO repository_keys (repository_id, key_id, username, hostname, created, first_seen_at, expected)
            VALUES (:id, :k.id, :k.username, :k.hostname, :k.created, :at, :expected)
            """)
    void addKey(RepositoryId id, @BindMethods("k") RepositoryKey key, Instant at, boolean expected);

    @SqlUpdate("UPDATE repository_keys SET key_id = :newId WHERE repository_id = :id AND key_id = :keyId")
    void completeKey(RepositoryId id, String keyId, String newId);

    @SqlUpdate("DELETE FROM repository_keys WHERE repository_id = :id AND key_id = :keyId")
    void removeKey(RepositoryId id, String keyId);

    @SqlUpdate("UPDATE repository_keys SET expected = 1 WHERE repository_id = :id AND key_id = :keyId")
    int expect(RepositoryId id, String keyId);
}
