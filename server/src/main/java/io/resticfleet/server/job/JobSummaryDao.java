package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/**
 * Queries of the {@code jobs} table about many hosts at once. Other features use {@link JobSummaries}.
 *
 * <p>A job counts for a schedule only if both are of the same host, so that no agent can report for another's schedule.
 */
interface JobSummaryDao {

    /** The last ended job of each enabled schedule of these hosts, without cancelled ones and those missed in a pause. */
    @SqlQuery("SELECT j.id, j.host_id, j.schedule_id, j.kind, j.status, coalesce(j.due_at, j.created_at) AS at,"
            + " j.finished_at, j.cancel_requested_at, j.error_code, " + JobDao.LISTED_ERROR + """
              FROM schedules s
              JOIN jobs j ON j.id = (SELECT id
                                       FROM jobs
                                      WHERE schedule_id = s.id
                                        AND host_id = s.host_id
                                        AND status IN ('succeeded', 'partial', 'failed', 'interrupted', 'missed')
                                        AND error_code IS NOT 'paused'
                                      ORDER BY coalesce(due_at, created_at) DESC, id DESC
                                      LIMIT 1)
             WHERE s.enabled = 1
               AND s.host_id IN (<hostIds>)
            """)
    List<JobSummary> outcomes(@BindList Collection<HostId> hostIds);

    /**
     * The last drill without a schedule of each enabled backup schedule of these hosts, and of none in particular, if it
     * failed. One of a schedule of drills that succeeded later counts too.
     *
     * <p>SQLite would look at all failed jobs, and for each at all drills, without order and index being given.
     */
    @SqlQuery("SELECT j.id, j.host_id, j.schedule_id, j.kind, j.status, coalesce(j.due_at, j.created_at) AS at,"
            + " j.finished_at, j.cancel_requested_at, j.error_code, " + JobDao.LISTED_ERROR + """
              FROM (SELECT id AS host_id, '' AS of_schedule FROM hosts WHERE id IN (<hostIds>)
                    UNION ALL
                    SELECT host_id, id FROM schedules WHERE host_id IN (<hostIds>) AND kind = 'backup' AND enabled = 1) d
              CROSS JOIN jobs j ON j.id = (SELECT id
                                             FROM jobs INDEXED BY jobs_drills
                                            WHERE host_id = d.host_id
                                              AND kind = 'drill'
                                              AND schedule_id IS NULL
                                              AND coalesce(options_json ->> 'of_schedule', '') = d.of_schedule
                                              AND status IN ('succeeded', 'failed')
                                            ORDER BY finished_at DESC
                                            LIMIT 1)
             WHERE j.status = 'failed'
               AND NOT EXISTS (SELECT 1
                                 FROM proven_restores p
                                WHERE p.host_id = d.host_id
                                  AND p.of_schedule = d.of_schedule
                                  AND p.of_schedule <> ''
                                  AND p.at >= j.finished_at)
            """)
    List<JobSummary> failedDrills(@BindList Collection<HostId> hostIds);

    /** The last job without a schedule of each of these hosts and of each kind that looks after repositories, if it failed. */
    @SqlQuery("SELECT j.id, j.host_id, j.schedule_id, j.kind, j.status, coalesce(j.due_at, j.created_at) AS at,"
            + " j.finished_at, j.cancel_requested_at, j.error_code, " + JobDao.LISTED_ERROR + """
              FROM (SELECT id AS host_id FROM hosts WHERE id IN (<hostIds>)) h
             CROSS JOIN (VALUES ('forget'), ('prune'), ('check'), ('copy')) k
             CROSS JOIN jobs j ON j.id = (SELECT id
                                            FROM jobs INDEXED BY jobs_upkeep
                                           WHERE host_id = h.host_id
                                             AND kind = k.column1
                                             AND schedule_id IS NULL
                                             AND kind IN ('forget', 'prune', 'check', 'copy')
                                             AND status IN ('succeeded', 'partial', 'failed', 'interrupted')
                                           ORDER BY finished_at DESC
                                           LIMIT 1)
             WHERE j.status IN ('failed', 'interrupted')
            """)
    List<JobSummary> failedUpkeep(@BindList Collection<HostId> hostIds);

    @SqlQuery("SELECT id, host_id, schedule_id, kind, status, coalesce(due_at, created_at) AS at, finished_at,"
            + " cancel_requested_at, error_code, " + JobDao.LISTED_ERROR + """
              FROM jobs
             WHERE status IN ('queued', 'running')
               AND host_id IN (<hostIds>)
             ORDER BY status DESC, id
            """)
    List<JobSummary> open(@BindList Collection<HostId> hostIds);

    /**
     * Numbers of backups of these hosts that were due or requested in a period with a constant offset from UTC.
     *
     * @param sinceId lower bound of the ids to read
     */
    @SqlQuery("""
            SELECT host_id, schedule_id, (coalesce(due_at, created_at) + :offsetMs) / 86400000 AS day, status, count(*) AS count,
                   max(coalesce(due_at, created_at)) AS last
              FROM jobs
             WHERE host_id IN (<hostIds>)
               AND id >= :sinceId
               AND kind = 'backup'
               AND coalesce(due_at, created_at) >= :from
               AND coalesce(due_at, created_at) < :until
             GROUP BY host_id, schedule_id, day, status
            """)
    List<BackupCount> backupCounts(
            @BindList Collection<HostId> hostIds, String sinceId, Instant from, Instant until, long offsetMs);

    /** The last backup of each enabled schedule of these hosts that made a snapshot. */
    @SqlQuery("SELECT " + JobDao.LISTED + """
              FROM jobs
             WHERE id IN (SELECT (SELECT id
                                    FROM jobs
                                   WHERE schedule_id = s.id
                                     AND host_id = s.host_id
                                     AND kind = 'backup'
                                     AND status IN ('succeeded', 'partial')
                                   ORDER BY finished_at DESC
                                   LIMIT 1)
                            FROM schedules s
                           WHERE s.enabled = 1
                             AND s.host_id IN (<hostIds>))
            """)
    List<Job> lastGoodBySchedule(@BindList Collection<HostId> hostIds);

    /** The last backup of each of these hosts that made a snapshot, of any schedule. */
    @SqlQuery("SELECT " + JobDao.LISTED + """
              FROM jobs
             WHERE id IN (SELECT (SELECT id
                                    FROM jobs
                                   WHERE host_id = hosts.id
                                     AND kind = 'backup'
                                     AND status IN ('succeeded', 'partial')
                                   ORDER BY finished_at DESC
                                   LIMIT 1)
                            FROM hosts
                           WHERE id IN (<hostIds>))
            """)
    List<Job> lastGood(@BindList Collection<HostId> hostIds);
}
