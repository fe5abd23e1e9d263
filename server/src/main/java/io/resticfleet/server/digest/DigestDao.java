package io.resticfleet.server.digest;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code digests} table, and the figures of a digest. */
interface DigestDao {

    record Row(Instant dueAt, Instant coveredAt) {}

    /** @param added bytes that backups added */
    record Runs(HostId hostId, JobKind kind, JobStatus status, int count, long added) {}

    @SqlQuery("SELECT due_at, covered_at FROM digests WHERE channel_id = :channelId")
    Optional<Row> find(String channelId);

    /** Nothing if the channel has been deleted. */
    @SqlUpdate("""
            INSERT INTO digests (channel_id, due_at, covered_at)
            SELECT id, :dueAt, :coveredAt FROM channels WHERE id = :channelId
            ON CONFLICT (channel_id) DO UPDATE SET due_at = excluded.due_at, covered_at = excluded.covered_at
            """)
    void put(String channelId, Instant dueAt, Instant coveredAt);

    /**
     * Numbers of jobs that ended in a time.
     *
     * @param hostIds a JSON list
     * @param sinceId lower bound of the ids to read
     */
    @SqlQuery("""
            SELECT host_id, kind, status, count(*) AS count, coalesce(sum(stats_json ->> 'data_added'), 0) AS added
              FROM jobs
             WHERE host_id IN (SELECT value FROM json_each(:hostIds))
               AND id >= :sinceId
               AND status IN ('succeeded', 'partial', 'failed', 'cancelled', 'interrupted', 'missed')
               AND coalesce(finished_at, due_at, created_at) >= :from
               AND coalesce(finished_at, due_at, created_at) < :until
             GROUP BY host_id, kind, status
            """)
    List<Runs> runs(String hostIds, String sinceId, Instant from, Instant until);

    /**
     * Sizes of the repositories of some hosts: the last one, and the last one before a time; without those never measured.
     *
     * @param hostIds a JSON list
     */
    @SqlQuery("""
            SELECT r.name,
                   (SELECT size_bytes FROM repository_stats
                     WHERE repository_id = r.id AND measured_at <= :from ORDER BY day DESC LIMIT 1) AS before,
                   (SELECT size_bytes FROM repository_stats
                     WHERE repository_id = r.id ORDER BY day DESC LIMIT 1) AS now
              FROM repositories r
             WHERE r.id IN (SELECT repository_id FROM host_repositories
                             WHERE host_id IN (SELECT value FROM json_each(:hostIds)))
               AND EXISTS (SELECT 1 FROM repository_stats WHERE repository_id = r.id)
             ORDER BY r.name
            """)
    List<Digest.Growth> growth(String hostIds, Instant from);
}
