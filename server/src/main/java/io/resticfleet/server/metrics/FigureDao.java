package io.resticfleet.server.metrics;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Queries of figures of all schedules and repositories. */
interface FigureDao {

    /**
     * Figures of a schedule.
     *
     * @param succeededAt end of the last run that succeeded; absent if none has
     * @param startedAt of the run that the next figures are of: the last that succeeded, of backups also a partial one;
     *     absent if there is none
     * @param files in the snapshot; absent except of backups
     * @param bytes in the snapshot; absent except of backups
     * @param failed number of runs that failed or were interrupted, ever
     * @param missed number of missed runs, ever
     */
    record ScheduleRow(
            ScheduleId scheduleId,
            HostId hostId,
            Optional<Instant> succeededAt,
            Optional<Instant> startedAt,
            Optional<Instant> finishedAt,
            Optional<Long> files,
            Optional<Long> bytes,
            long failed,
            long missed) {}

    /** Of the enabled schedules of these hosts. */
    @SqlQuery("""
            SELECT s.id AS schedule_id, s.host_id, s.succeeded_at, j.started_at, j.finished_at,
                   j.stats_json ->> 'total_files_processed' AS files, j.stats_json ->> 'total_bytes_processed' AS bytes,
                   coalesce(t.failed, 0) AS failed, coalesce(t.missed, 0) AS missed
              FROM (SELECT id, host_id,
                           (SELECT finished_at
                              FROM jobs
                             WHERE schedule_id = schedules.id AND host_id = schedules.host_id AND status = 'succeeded'
                             ORDER BY finished_at DESC
                             LIMIT 1) AS succeeded_at,
                           iif(kind = 'backup',
                               (SELECT id
                                  FROM jobs
                                 WHERE schedule_id = schedules.id AND host_id = schedules.host_id AND kind = 'backup'
                                   AND status IN ('succeeded', 'partial')
                                 ORDER BY finished_at DESC
                                 LIMIT 1),
                               (SELECT id
                                  FROM jobs
                                 WHERE schedule_id = schedules.id AND host_id = schedules.host_id AND status = 'succeeded'
                                 ORDER BY finished_at DESC
                                 LIMIT 1)) AS job_id
                      FROM schedules
                     WHERE enabled = 1 AND host_id IN (<hostIds>)) AS s
              LEFT JOIN jobs j ON j.id = s.job_id
              LEFT JOIN schedule_totals t ON t.schedule_id = s.id
            """)
    List<ScheduleRow> schedules(@BindList Collection<HostId> hostIds);

    /**
     * Figures of a repository.
     *
     * @param status what the last job that opened it found, such as {@code ok}
     * @param statusSinceAt since when all jobs found this; absent if not known
     * @param sizeBytes absent until measured
     * @param snapshots of all hosts
     * @param lastCheckShare of the data that the last check has read, 0 to 1
     */
    record RepositoryFigures(
            RepositoryId id,
            String name,
            String status,
            Optional<Instant> statusSinceAt,
            Optional<Long> sizeBytes,
            long snapshots,
            Optional<Instant> lastCheckAt,
            Optional<Boolean> lastCheckOk,
            Optional<Double> lastCheckShare,
            Optional<Instant> lastPruneAt) {}

    @SqlQuery("""
            SELECT id, name, status, status_since_at, size_bytes, last_check_at, last_check_ok, last_check_share,
                   last_prune_at,
                   (SELECT coalesce(sum(total), 0) FROM snapshot_lists WHERE repository_id = repositories.id) AS snapshots
              FROM repositories
             ORDER BY name, id
            """)
    List<RepositoryFigures> repositories();

    /** Bytes of the database file. */
    @SqlQuery("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    long bytes();
}
