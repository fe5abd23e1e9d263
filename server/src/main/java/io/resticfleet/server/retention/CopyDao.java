package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jdbi.v3.sqlobject.statement.UseRowMapper;

/**
 * Copies among the {@code retention_snapshots}. restic names in each the first original, which is the same in all
 * repositories.
 */
interface CopyDao {

    String ROUTES = """
            SELECT s.id AS schedule_id, s.host_id, s.name,
                   coalesce(s.repository_id, (SELECT repository_id
                                                FROM host_repositories h
                                               WHERE h.host_id = s.host_id
                                               ORDER BY position
                                               LIMIT 1)) AS source,
                   s.options_json ->> '$.to' AS target
              FROM schedules s
             WHERE s.kind = 'copy'
            """;

    /** A copy schedule, and the two repositories of it. */
    record Route(ScheduleId scheduleId, HostId hostId, String name, RepositoryId source, RepositoryId target) {}

    /** The copy schedules, oldest first, without those whose host has no repository. */
    @SqlQuery("SELECT * FROM (" + ROUTES + ") WHERE source IS NOT NULL ORDER BY schedule_id")
    List<Route> routes();

    /**
     * Lets copies count as their originals do, which must count for the schedule that the copy names. Of several copies of
     * one original, the first that was seen.
     */
    @SqlUpdate("""
            UPDATE retention_snapshots AS c
               SET schedule_id = o.schedule_id, trust = o.trust, slot_at = o.slot_at, slot_job_id = o.slot_job_id,
                   status = o.status, reason = NULL, copied_from = :source
              FROM retention_snapshots o
             WHERE c.repository_id = :target AND c.schedule_id IS NULL AND c.gone_at IS NULL
               AND c.original_id IS NOT NULL
               AND o.repository_id = :source AND o.origin_id = c.original_id
               AND o.schedule_id = c.named_id
               AND NOT EXISTS (SELECT 1
                                 FROM retention_snapshots other
                                WHERE other.repository_id = :target AND other.gone_at IS NULL
                                  AND other.origin_id = c.original_id
                                  AND other.named_id = c.named_id
                                  AND (other.schedule_id IS NOT NULL
                                       OR (other.first_seen_at, other.snapshot_id) < (c.first_seen_at, c.snapshot_id)))
            """)
    void inherit(RepositoryId source, RepositoryId target);

    /** The schedules whose copies from one repository count in another. */
    @SqlQuery("""
            SELECT DISTINCT schedule_id
              FROM retention_snapshots
             WHERE repository_id = :target AND copied_from = :source AND gone_at IS NULL
             ORDER BY schedule_id
            """)
    List<ScheduleId> schedules(RepositoryId source, RepositoryId target);

    @UseRowMapper(SeenDao.SeenRowMapper.class)
    @SqlQuery(SeenDao.SEEN + "WHERE schedule_id = :scheduleId AND repository_id = :target AND copied_from = :source"
            + " AND gone_at IS NULL")
    List<SeenDao.SeenRow> present(ScheduleId scheduleId, RepositoryId source, RepositoryId target);

    /** What a repository has, and which of it another lacks that retention did not remove there. */
    record Freshness(
            Optional<Instant> newestAt, Optional<Instant> newestCopyAt, long missing, Optional<Instant> missingSince) {}

    @SqlQuery("""
            SELECT max(o.time_at) AS newest_at,
                   max(o.time_at) FILTER (WHERE o.copied) AS newest_copy_at,
                   count(*) FILTER (WHERE NOT o.copied AND NOT o.removed) AS missing,
                   min(o.first_seen_at) FILTER (WHERE NOT o.copied AND NOT o.removed) AS missing_since
              FROM (SELECT s.time_at, s.first_seen_at,
                           EXISTS (SELECT 1
                                     FROM retention_snapshots c
                                    WHERE c.repository_id = :target AND c.gone_at IS NULL
                                      AND c.origin_id = s.origin_id) AS copied,
                           EXISTS (SELECT 1
                                     FROM retention_snapshots c
                                    WHERE c.repository_id = :target AND c.removing_at IS NOT NULL
                                      AND c.origin_id = s.origin_id) AS removed
                      FROM retention_snapshots s
                     WHERE s.repository_id = :source AND s.gone_at IS NULL) o
            """)
    Freshness freshness(RepositoryId source, RepositoryId target);

    /** When the last list of a repository's snapshots that counts was made; empty if there is none. */
    @SqlQuery("SELECT max(taken_at) FROM retention_listings WHERE repository_id = :repositoryId")
    Optional<Instant> listedAt(RepositoryId repositoryId);

    /** A copy that succeeded. */
    record Run(Instant startedAt, Instant endedAt) {}

    /** The last copy by a schedule that succeeded; empty if there is none. */
    @SqlQuery("""
            SELECT min(created_at, coalesce(started_at, created_at)) AS started_at, finished_at AS ended_at
              FROM jobs
             WHERE schedule_id = :scheduleId AND kind = 'copy' AND status = 'succeeded'
             ORDER BY finished_at DESC
             LIMIT 1
            """)
    Optional<Run> lastRun(ScheduleId scheduleId);
}
