package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jdbi.v3.sqlobject.statement.UseRowMapper;

/** The {@code retention_snapshots} and {@code retention_listings} tables. */
interface SeenDao {

    String SEEN = "SELECT snapshot_id, first_seen_at, time_at, trust, slot_at, slot_job_id, status, reason, removing_at"
            + " FROM retention_snapshots ";

    /** A snapshot that is there; what is about its slot is absent if it counts for no schedule. */
    record SeenRow(
            String snapshotId,
            Instant firstSeenAt,
            Instant timeAt,
            Optional<String> trust,
            Optional<Instant> slotAt,
            Optional<JobId> slotJobId,
            Optional<String> status,
            Optional<String> reason,
            Optional<Instant> removingAt) {

        /** Without what only matters for its slot. */
        Sighting sighting() {
            return new Sighting(snapshotId, firstSeenAt, Optional.empty(), timeAt, List.of());
        }

        Optional<Binding> binding() {
            return trust.map(word -> new Binding(
                    snapshotId,
                    new Slot(slotAt.orElseThrow(), slotJobId),
                    Binding.Trust.of(word),
                    timeAt,
                    status.map(JobStatus::of).orElse(JobStatus.SUCCEEDED)));
        }
    }

    /** Reads the columns of {@link #SEEN}, in a fraction of the memory that JDBI's own mapper takes for each row. */
    final class SeenRowMapper implements RowMapper<SeenRow> {

        @Override
        public SeenRow map(ResultSet row, StatementContext context) throws SQLException {
            return new SeenRow(
                    row.getString(1),
                    Instant.ofEpochMilli(row.getLong(2)),
                    Instant.ofEpochMilli(row.getLong(3)),
                    Optional.ofNullable(row.getString(4)),
                    instant(row, 5),
                    Optional.ofNullable(row.getString(6)).map(JobId::new),
                    Optional.ofNullable(row.getString(7)),
                    Optional.ofNullable(row.getString(8)),
                    instant(row, 9));
        }

        private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
            long millis = row.getLong(column);
            return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
        }
    }

    /** The result of a backup whose snapshot was seen, and has no slot. */
    record ClaimRow(
            JobId jobId,
            HostId hostId,
            ScheduleId scheduleId,
            Instant createdAt,
            boolean clicked,
            JobStatus status,
            String snapshotId,
            Optional<Instant> reportedAt,
            Instant firstSeenAt,
            Optional<Instant> lastWithoutAt,
            Instant timeAt,
            List<String> tags) {

        Claim claim() {
            return new Claim(
                    jobId,
                    hostId,
                    scheduleId,
                    createdAt,
                    clicked ? Optional.of(createdAt) : Optional.empty(),
                    status,
                    snapshotId,
                    reportedAt.orElse(createdAt));
        }

        Sighting sighting() {
            return new Sighting(snapshotId, firstSeenAt, lastWithoutAt, timeAt, tags);
        }
    }

    /**
     * Adds the snapshots of a host's list that were never seen, some at a time, in the order of their ids. Returns the ids of
     * those that were added.
     *
     * @param after adds those with higher ids only
     */
    @SqlQuery("""
            INSERT OR IGNORE INTO retention_snapshots (repository_id, snapshot_id, first_seen_at, last_without_at, time_at,
                                                       tags_json, named_id, original_id)
            SELECT s.repository_id, s.id, :now,
                   (SELECT taken_at FROM retention_listings WHERE repository_id = :repositoryId AND host_id = :hostId),
                   s.taken_at,
                   (SELECT json_group_array(value)
                      FROM json_each(s.snapshot_json, '$.tags') WHERE value GLOB 'schedule:*'),
                   (SELECT iif(count(*) = 1, substr(min(value), 10), NULL)
                      FROM json_each(s.snapshot_json, '$.tags') WHERE value GLOB 'schedule:*'),
                   s.snapshot_json ->> '$.original'
              FROM snapshots s
              JOIN snapshot_lists l USING (host_id, repository_id)
             WHERE s.host_id = :hostId AND s.repository_id = :repositoryId
               AND s.added_in <= l.generation AND coalesce(s.removed_in, l.generation + 1) > l.generation
               AND NOT EXISTS (SELECT 1
                                 FROM retention_snapshots r
                                WHERE r.repository_id = s.repository_id AND r.snapshot_id = s.id)
               AND s.id > :after
             ORDER BY s.id
             LIMIT :limit
            RETURNING snapshot_id
            """)
    List<String> add(HostId hostId, RepositoryId repositoryId, Instant now, String after, int limit);

    /** Snapshots of the host's schedules that are in its list again. */
    @SqlUpdate("""
            UPDATE retention_snapshots
               SET gone_at = NULL, removing_at = NULL
             WHERE repository_id = :repositoryId AND gone_at IS NOT NULL
               AND EXISTS (SELECT 1
                             FROM snapshots s
                             JOIN snapshot_lists l USING (host_id, repository_id)
                            WHERE s.host_id = :hostId AND s.repository_id = :repositoryId AND s.id = snapshot_id
                              AND s.added_in <= l.generation
                              AND coalesce(s.removed_in, l.generation + 1) > l.generation)
            """)
    void returned(HostId hostId, RepositoryId repositoryId);

    /**
     * Marks the snapshots that a host's list has no longer: of its own schedules, or of all if the list has those of all
     * hosts.
     *
     * @return whether retention decided to remove it, for each
     */
    @SqlQuery("""
            UPDATE retention_snapshots
               SET gone_at = :now
             WHERE repository_id = :repositoryId AND gone_at IS NULL
               AND first_seen_at < (SELECT refreshed_at
                                      FROM snapshot_lists
                                     WHERE host_id = :hostId AND repository_id = :repositoryId)
               AND (EXISTS (SELECT 1
                              FROM snapshot_lists
                             WHERE host_id = :hostId AND repository_id = :repositoryId AND whole)
                    OR named_id IN (SELECT schedule_id FROM retention_terms WHERE host_id = :hostId))
               AND NOT EXISTS (SELECT 1
                                 FROM snapshots s
                                 JOIN snapshot_lists l USING (host_id, repository_id)
                                WHERE s.host_id = :hostId AND s.repository_id = :repositoryId AND s.id = snapshot_id
                                  AND s.added_in <= l.generation
                                  AND coalesce(s.removed_in, l.generation + 1) > l.generation)
            RETURNING removing_at IS NOT NULL OR schedule_id IS NULL
            """)
    List<Boolean> gone(HostId hostId, RepositoryId repositoryId, Instant now);

    /**
     * Lets the new versions of snapshots count as those did that are gone since this list, if a repair of this host has ended
     * since the list before. Of several versions of one, only the first.
     *
     * @return how many now count
     */
    @SqlUpdate("""
            UPDATE retention_snapshots AS n
               SET schedule_id = o.schedule_id, trust = o.trust, slot_at = o.slot_at, slot_job_id = o.slot_job_id,
                   status = o.status, reason = NULL
              FROM retention_snapshots o
             WHERE n.repository_id = :repositoryId AND n.schedule_id IS NULL AND n.first_seen_at = :now
               AND n.original_id IS NOT NULL
               AND n.last_without_at < (SELECT max(reported_at)
                                          FROM jobs
                                         WHERE host_id = :hostId AND repository_id = :repositoryId
                                           AND kind = 'repair_snapshots' AND status = 'succeeded')
               AND o.origin_id = n.original_id
               AND n.named_id = o.schedule_id AND n.time_at = o.time_at
               AND o.repository_id = :repositoryId AND o.gone_at = :now AND o.removing_at IS NULL
               AND NOT EXISTS (SELECT 1
                                 FROM retention_snapshots other
                                WHERE other.repository_id = :repositoryId AND other.origin_id = n.original_id
                                  AND other.original_id IS NOT NULL
                                  AND other.first_seen_at = :now AND other.snapshot_id < n.snapshot_id)
            """)
    int repaired(HostId hostId, RepositoryId repositoryId, Instant now);

    @SqlUpdate("""
            INSERT INTO retention_listings (repository_id, host_id, taken_at, received_at)
            SELECT :repositoryId, :hostId, min(refreshed_at, :now), :now
              FROM snapshot_lists
             WHERE host_id = :hostId AND repository_id = :repositoryId
            ON CONFLICT (repository_id, host_id) DO UPDATE
               SET taken_at = max(taken_at, excluded.taken_at), received_at = excluded.received_at
            """)
    void listed(HostId hostId, RepositoryId repositoryId, Instant now);

    @SqlQuery("SELECT received_at FROM retention_listings WHERE repository_id = :repositoryId AND host_id = :hostId")
    Optional<Instant> receivedAt(HostId hostId, RepositoryId repositoryId);

    /**
     * Deletes snapshots that are gone for so long that nothing can claim their slots; not copies whose originals are there,
     * which would be copied again.
     */
    @SqlUpdate("""
            DELETE FROM retention_snapshots
             WHERE repository_id = :repositoryId AND gone_at < :before
               AND NOT EXISTS (SELECT 1
                                 FROM retention_snapshots o
                                WHERE o.repository_id = retention_snapshots.copied_from AND o.gone_at IS NULL
                                  AND o.origin_id = retention_snapshots.original_id)
            """)
    void deleteGone(RepositoryId repositoryId, Instant before);

    /** Results of backups whose snapshots have no slot, in the order in which they were received. */
    @SqlQuery("""
            SELECT j.id AS job_id, j.host_id, j.schedule_id, j.created_at, j.trigger_word = 'manual' AS clicked, j.status,
                   j.snapshot_id, j.reported_at, r.first_seen_at, r.last_without_at, r.time_at, r.tags_json
              FROM retention_snapshots r
              JOIN jobs j ON j.snapshot_id = r.snapshot_id
             WHERE r.repository_id = :repositoryId AND r.schedule_id IS NULL AND r.gone_at IS NULL
               AND j.repository_id = :repositoryId AND j.schedule_id IS NOT NULL
               AND j.kind = 'backup' AND j.status IN ('succeeded', 'partial')
               AND r.judged_job_id IS NOT j.id
             ORDER BY coalesce(j.reported_at, j.created_at), j.id
            """)
    List<ClaimRow> claims(RepositoryId repositoryId);

    @SqlUpdate("""
            UPDATE retention_snapshots
               SET schedule_id = :scheduleId, trust = :trust, slot_at = :slotAt, slot_job_id = :slotJobId,
                   status = :status, reason = NULL, judged_job_id = :jobId
             WHERE repository_id = :repositoryId AND snapshot_id = :snapshotId AND schedule_id IS NULL
            """)
    void bind(
            RepositoryId repositoryId,
            String snapshotId,
            ScheduleId scheduleId,
            String trust,
            Instant slotAt,
            Optional<JobId> slotJobId,
            JobStatus status,
            Optional<JobId> jobId);

    @SqlUpdate("""
            UPDATE retention_snapshots
               SET reason = :reason, judged_job_id = :jobId
             WHERE repository_id = :repositoryId AND snapshot_id = :snapshotId AND schedule_id IS NULL
            """)
    void refuse(RepositoryId repositoryId, String snapshotId, String reason, JobId jobId);

    /** The snapshots that count for a schedule, also those that are gone, with slots since some time; no copies. */
    @UseRowMapper(SeenRowMapper.class)
    @SqlQuery(SEEN + "WHERE schedule_id = :scheduleId AND slot_at >= :since AND copied_from IS NULL")
    List<SeenRow> bound(ScheduleId scheduleId, Instant since);

    /** The snapshots of a repository that count for a schedule, or would if they had a slot. */
    @UseRowMapper(SeenRowMapper.class)
    @SqlQuery(SEEN + "WHERE schedule_id = :scheduleId AND repository_id = :repositoryId AND gone_at IS NULL"
            + " AND copied_from IS NULL UNION ALL " + SEEN
            + "WHERE named_id = :scheduleId AND schedule_id IS NULL AND repository_id = :repositoryId"
            + " AND gone_at IS NULL")
    List<SeenRow> present(RepositoryId repositoryId, ScheduleId scheduleId);

    /** By the schedule that snapshots count for, or would. */
    @SqlQuery("""
            SELECT coalesce(schedule_id, named_id) AS schedule_id, count(*) AS snapshots,
                   sum(trust IS 'unproven') AS unproven, sum(schedule_id IS NULL) AS uncounted
              FROM retention_snapshots
             WHERE repository_id = :repositoryId AND gone_at IS NULL AND coalesce(schedule_id, named_id) IS NOT NULL
             GROUP BY 1
             ORDER BY 1
            """)
    List<RetentionOverview.Counts> counts(RepositoryId repositoryId);

    /** By schedule. */
    @SqlQuery("""
            SELECT coalesce(schedule_id, named_id) AS schedule_id, count(*) AS snapshots,
                   sum(trust IS 'unproven') AS unproven, sum(schedule_id IS NULL) AS uncounted
              FROM retention_snapshots
             WHERE (schedule_id IN (<ids>) OR schedule_id IS NULL AND named_id IN (<ids>)) AND gone_at IS NULL
             GROUP BY 1
            """)
    List<RetentionOverview.Counts> counts(@BindList Collection<ScheduleId> ids);

    /** Snapshots that count for no schedule and name none that exists, newest first. */
    @SqlQuery("""
            SELECT r.snapshot_id, r.first_seen_at, r.time_at,
                   coalesce(s.snapshot_json ->> '$.hostname', '') AS hostname,
                   coalesce(s.snapshot_json -> '$.paths', '[]') AS paths_json
              FROM (SELECT snapshot_id, repository_id, first_seen_at, time_at
                      FROM retention_snapshots
                     WHERE repository_id = :repositoryId AND schedule_id IS NULL AND gone_at IS NULL
                       AND NOT EXISTS (SELECT 1 FROM schedules WHERE id = named_id)
                     ORDER BY time_at DESC
                     LIMIT :most) r
              JOIN snapshots s ON s.repository_id = r.repository_id AND s.id = r.snapshot_id
                              AND s.host_id IN (SELECT host_id FROM snapshot_lists WHERE repository_id = :repositoryId)
             GROUP BY r.snapshot_id
             ORDER BY r.time_at DESC, r.snapshot_id
            """)
    List<RetentionOverview.Foreign> foreign(RepositoryId repositoryId, int most);

    /** A snapshot that has no slot. */
    @UseRowMapper(SeenRowMapper.class)
    @SqlQuery(SEEN + "WHERE repository_id = :repositoryId AND snapshot_id = :snapshotId AND schedule_id IS NULL")
    Optional<SeenRow> findUnbound(RepositoryId repositoryId, String snapshotId);

    @SqlUpdate("""
            UPDATE retention_snapshots
               SET trust = 'confirmed'
             WHERE repository_id = :repositoryId AND snapshot_id = :snapshotId AND trust = 'unproven'
            """)
    int confirm(RepositoryId repositoryId, String snapshotId);

    @SqlUpdate("""
            UPDATE retention_snapshots
               SET removing_at = :now
             WHERE repository_id = :repositoryId AND snapshot_id IN (<snapshotIds>)
            """)
    void removing(RepositoryId repositoryId, @BindList Collection<String> snapshotIds, Instant now);
}
