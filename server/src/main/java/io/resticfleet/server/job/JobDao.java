package io.resticfleet.server.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMap;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.customizer.Define;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * The {@code jobs} table. Other features use {@link Jobs}.
 *
 * <p>Every statement for a report names the agent's own host, so that no agent can change another's job.
 */
interface JobDao {

    /**
     * Of a text that can be long, lists have the beginning only. {@code length} and {@code substr} end at a NUL,
     * {@code octet_length} does not: see <a href="https://www.sqlite.org/nulinstr.html">NUL characters in strings</a>.
     */
    String LISTED_ERROR = "iif(length(error) > 500 OR octet_length(error) > 4 * 500,"
            + " substr(error, 1, 500) || '…', error) AS error";

    /** The columns of a {@link Job} in a list. */
    String LISTED = "id, host_id, schedule_id, kind, status, trigger_word, due_at, created_at, started_at, finished_at,"
            + " exit_code, " + LISTED_ERROR + ", error_code, snapshot_id, stats_json, requested_by, repository_id,"
            + " repository_url, sent_at, waiting_for, waiting_since, waits_for_job_id, copies_to, cancel_requested_at,"
            + " cancel_requested_by, missed_since_at, expected, options_json";

    /** Assignments for a job that waits for none. */
    String NO_WAIT = "waiting_for = NULL, waiting_since = NULL, waits_for_job_id = NULL";

    @SqlQuery("SELECT * FROM jobs WHERE id = :id")
    Optional<Job> find(JobId id);

    /**
     * Newest first, with ids lower than {@code before}. Has a condition for each present value only: an optional one would
     * prevent the use of an index. There is an index for each combination; of a host's jobs, all are looked at.
     *
     * @see <a href="https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_">SQLite: unary +</a>
     */
    default List<Job> list(JobFilter filter, String before, int limit) {
        var conditions = new ArrayList<>(List.of("id < :before"));
        var values = new HashMap<String, Object>(Map.of("before", before));
        var noIndex = filter.host().isPresent() ? "+" : "";
        filter.host().ifPresent(value -> {
            conditions.add("host_id = :hostId");
            values.put("hostId", value);
        });
        filter.kind().ifPresent(value -> {
            conditions.add(noIndex + "kind = :kind");
            values.put("kind", value);
        });
        filter.status().ifPresent(value -> {
            conditions.add(noIndex + "status = :status");
            values.put("status", value);
        });
        filter.repository().ifPresent(value -> {
            conditions.add(noIndex + "repository_id = :repositoryId");
            values.put("repositoryId", value);
        });
        return listWhere(String.join(" AND ", conditions), values, limit);
    }

    /** @param conditions composed here only, without external input */
    @SqlQuery("SELECT " + LISTED + " FROM jobs WHERE <conditions> ORDER BY id DESC LIMIT :limit")
    List<Job> listWhere(@Define String conditions, @BindMap Map<String, Object> values, int limit);

    /** Jobs that have not ended, oldest first. */
    @SqlQuery("SELECT " + LISTED + " FROM jobs WHERE status IN ('queued', 'running') AND host_id = :hostId ORDER BY id")
    List<Job> openOfHost(HostId hostId);

    /** All jobs that have not ended. */
    @SqlQuery("SELECT " + LISTED + " FROM jobs WHERE status IN ('queued', 'running')")
    List<Job> open();

    @SqlQuery("SELECT " + LISTED + """
              FROM jobs
             WHERE id IN (SELECT id FROM jobs WHERE status IN ('queued', 'running') AND repository_id = :repositoryId
                           UNION ALL
                          SELECT id FROM jobs WHERE status IN ('queued', 'running') AND copies_to = :repositoryId)
             ORDER BY id
            """)
    List<Job> openOfRepository(RepositoryId repositoryId);

    /** Hosts with a job that was not sent yet. */
    @SqlQuery("SELECT DISTINCT host_id FROM jobs WHERE status IN ('queued', 'running') AND sent_at IS NULL")
    List<HostId> hostsWaiting();

    /** Whether a job has successfully used or created a repository. */
    @SqlQuery(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE repository_id = :repositoryId AND status IN ('succeeded', 'partial'))")
    boolean reached(RepositoryId repositoryId);

    /** Open jobs at a repository, and those of a host that were accepted when it had another repository. */
    @SqlQuery("SELECT " + LISTED + """
              FROM jobs
             WHERE status IN ('queued', 'running')
               AND (repository_id = :repositoryId OR copies_to = :repositoryId OR host_id = :hostId)
             ORDER BY id
            """)
    List<Job> openAround(RepositoryId repositoryId, HostId hostId);

    @SqlQuery("SELECT " + LISTED + """
              FROM jobs
             WHERE status = 'queued' AND host_id = :hostId AND schedule_id = :scheduleId
             ORDER BY id
             LIMIT 1
            """)
    Optional<Job> queuedOfSchedule(HostId hostId, ScheduleId scheduleId);

    /** The last ended backup of each of these hosts. A backup that never ran does not count. */
    @SqlQuery("SELECT " + LISTED + """
              FROM jobs
             WHERE id IN (SELECT (SELECT id
                                    FROM jobs
                                   WHERE host_id = hosts.id
                                     AND kind = 'backup'
                                     AND status IN ('succeeded', 'partial', 'failed', 'cancelled', 'interrupted')
                                   ORDER BY finished_at DESC
                                   LIMIT 1)
                            FROM hosts
                           WHERE hosts.id IN (<hostIds>))
            """)
    List<Job> lastBackups(@BindList Collection<HostId> hostIds);

    @SqlUpdate("""
            INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, created_at, requested_by,
                              repository_id, repository_url, copies_to)
            VALUES (:id, :hostId, :scheduleId, :kind, :status, :trigger, :dueAt, :createdAt, :requestedBy,
                    :repositoryId, :repositoryUrl, (SELECT options_json ->> 'to' FROM schedules WHERE id = :scheduleId))
            """)
    void insert(@BindMethods NewJob job);

    /** Stores what a job does beyond its kind: {@link JobOptions}. */
    @SqlUpdate(
            "UPDATE jobs SET options_json = :options, copies_to = coalesce(:options ->> 'to', copies_to) WHERE id = :id")
    void options(JobId id, String options);

    /** What a job does beyond its kind; empty if that is nothing. */
    @SqlQuery("SELECT options_json FROM jobs WHERE id = :id AND options_json IS NOT NULL")
    Optional<String> options(JobId id);

    /** Returns 0 and does nothing if the job has started or ended meanwhile. */
    @SqlUpdate("UPDATE jobs SET sent_at = :now, " + NO_WAIT + " WHERE id = :id AND status = 'queued'")
    int sent(JobId id, Instant now);

    /** Marks a job as not sent: the agent has neither the job nor a notice that it waits. */
    @SqlUpdate("UPDATE jobs SET sent_at = NULL, waiting_for = NULL WHERE id = :id AND status = 'queued'")
    void unsent(JobId id);

    /**
     * Records the first request to cancel, which is sent again at the next hello if the agent has not received it.
     *
     * @param by user name
     */
    @SqlUpdate("""
            UPDATE jobs
               SET cancel_requested_at = coalesce(cancel_requested_at, :now),
                   cancel_requested_by = coalesce(cancel_requested_by, :by)
             WHERE id = :id
               AND status IN ('queued', 'running')
            """)
    void cancelRequested(JobId id, String by, Instant now);

    @SqlQuery("""
            SELECT id
              FROM jobs
             WHERE status IN ('queued', 'running')
               AND host_id = :hostId
               AND cancel_requested_at IS NOT NULL
            """)
    List<JobId> toCancel(HostId hostId);

    /** Deletes older ended jobs, except each host's last backup. Returns the number of deleted jobs. */
    @SqlUpdate("""
            DELETE FROM jobs
             WHERE id < :beforeId
               AND status NOT IN ('queued', 'running')
               AND id NOT IN (SELECT max(id) FROM jobs WHERE kind = 'backup' GROUP BY host_id)
            """)
    int deleteOlder(String beforeId);

    /** @param other the job that it waits for */
    @SqlUpdate("""
            UPDATE jobs
               SET waiting_for = :reason, waits_for_job_id = :other, waiting_since = coalesce(waiting_since, :now)
             WHERE id = :id
               AND status = 'queued'
            """)
    void waits(JobId id, String reason, JobId other, Instant now);

    /**
     * Does not reopen an ended job, as a start may be reported again after the end. But a run replaces an earlier
     * report that it was missed, as of an agent that crashed in between.
     */
    @SqlUpdate("""
            INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, created_at, started_at,
                              repository_id, repository_url, expected, sent_at, result_sequence, copies_to)
            VALUES (:e.jobId, :hostId, :e.scheduleId, :e.kind, 'running', :e.trigger, :e.dueAt, :now, :e.startedAt,
                    :repositoryId, :repositoryUrl, :expected, :now, :e.sequence,
                    (SELECT options_json ->> 'to' FROM schedules WHERE id = :e.scheduleId))
            ON CONFLICT (id) DO UPDATE
               SET status = 'running', started_at = excluded.started_at, sent_at = coalesce(sent_at, excluded.sent_at),
                   finished_at = NULL, error = NULL,
                   waiting_for = NULL, waiting_since = NULL, waits_for_job_id = NULL,
                   repository_id = iif(repository_url IS NULL, excluded.repository_id, repository_id),
                   repository_url = coalesce(repository_url, excluded.repository_url),
                   result_sequence = excluded.result_sequence
             WHERE host_id = excluded.host_id
               AND coalesce(result_sequence, 0) < excluded.result_sequence
               AND (status = 'missed'
                    OR (status IN ('queued', 'running', 'interrupted') AND finished_at IS NULL))
            """)
    void started(
            HostId hostId,
            @BindMethods("e") ToServer.JobStarted e,
            Optional<RepositoryId> repositoryId,
            Optional<String> repositoryUrl,
            boolean expected,
            Instant now);

    /**
     * Only the agent knows how a job ended: its report of an end replaces what the server recorded before, but neither
     * the agent's later reports, nor a known end by a report that the end was lost or is unknown. A report of a run
     * replaces one that it was missed, whichever arrives first: of a machine and its clone, one may have run what the
     * other could not. Each of the two numbers its results itself, so that an end may have a number no higher than that
     * of the start that the other reported.
     */
    @SqlUpdate("""
            INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, created_at, started_at,
                              finished_at, exit_code, error, error_code, snapshot_id, stats_json, repository_id,
                              repository_url, sent_at, result_sequence, reported_at)
            VALUES (:id, :hostId, :e.scheduleId, :e.kind, :e.status, :e.trigger, :e.dueAt, :now, :e.startedAt,
                    :e.finishedAt, :e.exitCode, :e.error, :e.errorCode, :e.snapshotId, :e.stats,
                    :repositoryId, :repositoryUrl, :now, :e.sequence, :now)
            ON CONFLICT (id) DO UPDATE
               SET status = excluded.status, started_at = excluded.started_at, finished_at = excluded.finished_at,
                   exit_code = excluded.exit_code, error_code = excluded.error_code,
                   error = iif(excluded.status = 'cancelled' AND cancel_requested_by IS NOT NULL,
                               'cancelled by ' || cancel_requested_by, excluded.error),
                   snapshot_id = CASE WHEN snapshot_id LIKE excluded.snapshot_id || '%' THEN snapshot_id
                                      ELSE excluded.snapshot_id END,
                   stats_json = excluded.stats_json, reported_at = excluded.reported_at,
                   waiting_for = NULL, waiting_since = NULL, waits_for_job_id = NULL,
                   result_sequence = max(coalesce(result_sequence, 0), excluded.result_sequence)
             WHERE host_id = excluded.host_id
               AND NOT (excluded.status = 'interrupted' AND status IN ('succeeded', 'partial', 'failed'))
               AND (coalesce(result_sequence, 0) < excluded.result_sequence
                    OR (status IN ('running', 'interrupted', 'missed')
                        AND excluded.status IN ('succeeded', 'partial', 'failed')))
               AND (coalesce(excluded.error_code, '') <> 'result_lost'
                    OR result_sequence IS NULL
                    OR finished_at IS NULL)
            """)
    void finished(
            JobId id,
            HostId hostId,
            @BindMethods("e") ToServer.JobFinished e,
            Optional<RepositoryId> repositoryId,
            Optional<String> repositoryUrl,
            Instant now);

    /**
     * Inserts nothing if there is a run for the same due time, unless the report covers older due times as well.
     *
     * @param earliest runs reported before do not count: they came from a clock that was ahead
     */
    @SqlUpdate("""
            INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, missed_since_at, created_at,
                              finished_at, error, error_code, result_sequence)
            SELECT :e.jobId, :hostId, :e.scheduleId, :e.kind, 'missed', 'cron', :e.dueAt, :e.since, :now, :now, :e.reason,
                   :code, :e.sequence
             WHERE :e.since < :e.dueAt
                OR NOT EXISTS (SELECT 1
                                 FROM jobs
                                WHERE host_id = :hostId
                                  AND schedule_id = :e.scheduleId
                                  AND due_at = :e.dueAt
                                  AND status <> 'missed'
                                  AND created_at >= :earliest
                                  AND id <> :e.jobId)
            ON CONFLICT (id) DO UPDATE
               SET status = 'missed', finished_at = excluded.finished_at, error = excluded.error,
                   error_code = excluded.error_code, waiting_for = NULL, waiting_since = NULL, waits_for_job_id = NULL,
                   result_sequence = excluded.result_sequence
             WHERE host_id = excluded.host_id
               AND coalesce(result_sequence, 0) < excluded.result_sequence
               AND status IN ('queued', 'missed')
            """)
    void missed(
            HostId hostId,
            @BindMethods("e") ToServer.JobMissed e,
            Optional<ErrorCode.Reported> code,
            Instant earliest,
            Instant now);

    /**
     * Ends a job without its agent. Does nothing if it has ended.
     *
     * @param status cancelled or interrupted; also the error code
     */
    @SqlUpdate("""
            UPDATE jobs
               SET status = :status, finished_at = :now, error = :reason, error_code = :status,
                   waiting_for = NULL, waiting_since = NULL, waits_for_job_id = NULL
             WHERE id = :id
               AND status IN ('queued', 'running')
            """)
    int end(JobId id, JobStatus status, String reason, Instant now);

    /**
     * Whether a later run of the schedule was complete or was accepted, or so many later ones made a snapshot. Complete is also
     * one that is partial only for its hooks or its retention.
     *
     * @param accepted run of the schedule; absent for none
     */
    @SqlQuery("""
            SELECT count(*) >= :many OR total(complete) > 0 OR total(id = :accepted) > 0
              FROM (SELECT id, status = 'succeeded'
                               OR error_code IN ('hook_failed', 'hooks_refused', 'retention_refused') AS complete
                      FROM jobs
                     WHERE kind = 'backup' AND status IN ('succeeded', 'partial')
                       AND schedule_id = :job.scheduleId AND host_id = :job.hostId AND finished_at > :job.finishedAt
                     ORDER BY finished_at
                     LIMIT :many)
            """)
    boolean isFollowed(@BindMethods("job") Job job, Optional<JobId> accepted, int many);

    /** The last backups of a schedule that made a snapshot, newest first. */
    @SqlQuery("""
            SELECT id, status, error, error_code, snapshot_id, repository_id, finished_at
              FROM jobs
             WHERE schedule_id = :scheduleId AND host_id = :hostId
               AND kind = 'backup' AND status IN ('succeeded', 'partial')
               AND snapshot_id IS NOT NULL
             ORDER BY finished_at DESC
             LIMIT :limit
            """)
    List<BackupRun> backups(HostId hostId, ScheduleId scheduleId, int limit);

    @SqlUpdate("UPDATE jobs SET error = :error, error_code = :code WHERE id = :id AND status = 'succeeded'")
    void remark(JobId id, Optional<String> error, Optional<ErrorCode.Reported> code);

    @SqlUpdate("UPDATE jobs SET error = coalesce(error || '; ', '') || :text WHERE id = :id AND status = 'partial'")
    void addToError(JobId id, String text);

    /** Snapshot ids of a host's jobs that have 8 digits only, as restic 0.14 prints them. */
    @SqlQuery("SELECT snapshot_id FROM jobs WHERE host_id = :hostId AND length(snapshot_id) = 8")
    List<String> shortSnapshotIds(HostId hostId);

    @SqlUpdate("UPDATE jobs SET snapshot_id = :id WHERE host_id = :hostId AND snapshot_id = :shortId")
    void nameSnapshot(HostId hostId, String shortId, String id);

    /** The snapshots of a repository whose copies in another were removed by retention, newest first. */
    @SqlQuery("""
            SELECT o.snapshot_id
              FROM retention_snapshots o
             WHERE o.repository_id = :source AND o.gone_at IS NULL
               AND EXISTS (SELECT 1
                             FROM retention_snapshots c
                            WHERE c.repository_id = :target AND c.copied_from = :source
                              AND c.origin_id = o.origin_id
                              AND c.gone_at IS NOT NULL AND c.removing_at IS NOT NULL)
             ORDER BY o.time_at DESC
             LIMIT :most
            """)
    List<String> removedCopies(RepositoryId source, RepositoryId target, int most);
}
