package io.resticfleet.server.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Due times in the {@code jobs} table: their runs, and the missed rows of those without one. */
interface DueTimeDao {

    /** Inserts a missed row for due times without a report. Such a row has no result sequence. */
    @SqlUpdate("""
            INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, missed_since_at, created_at,
                              finished_at, error, error_code)
            VALUES (:id, :hostId, :s.id, :s.kind, 'missed', 'cron', :dueAt, :since, :now, :now, :reason, :code)
            """)
    void insertMissed(
            JobId id,
            HostId hostId,
            @BindMethods("s") Schedule schedule,
            Optional<Instant> since,
            Instant dueAt,
            String reason,
            Optional<ErrorCode.Reported> code,
            Instant now);

    /**
     * Deletes missed rows that a report replaces: the server's own for the same due times, and the agent's that cover
     * no other due times.
     */
    @SqlUpdate("""
            DELETE FROM jobs
             WHERE host_id = :hostId
               AND schedule_id = :scheduleId
               AND status = 'missed'
               AND id <> :id
               AND ((due_at = :dueAt AND coalesce(missed_since_at, due_at) >= :since)
                    OR (result_sequence IS NULL AND due_at >= :since AND coalesce(missed_since_at, due_at) <= :dueAt))
            """)
    void deleteMissed(HostId hostId, ScheduleId scheduleId, Instant since, Instant dueAt, JobId id);

    /**
     * First due time of the server's own missed rows that cover several due times, some of them between {@code since}
     * and {@code dueAt}.
     */
    @SqlQuery("""
            SELECT min(missed_since_at)
              FROM jobs
             WHERE host_id = :hostId
               AND schedule_id = :scheduleId
               AND status = 'missed'
               AND result_sequence IS NULL
               AND due_at >= :since
               AND missed_since_at <= :dueAt
            """)
    Optional<Instant> oldestMissed(HostId hostId, ScheduleId scheduleId, Instant since, Instant dueAt);

    /** @param earliest runs reported before do not count: they came from a clock that was wrong */
    @SqlQuery("""
            SELECT EXISTS (SELECT 1
                             FROM jobs
                            WHERE host_id = :hostId
                              AND schedule_id = :scheduleId
                              AND due_at = :dueAt
                              AND (status = 'missed' OR created_at >= :earliest))
                OR EXISTS (SELECT 1
                             FROM jobs
                            WHERE host_id = :hostId
                              AND schedule_id = :scheduleId
                              AND status = 'missed'
                              AND due_at >= :dueAt
                              AND missed_since_at <= :dueAt)
            """)
    boolean isReported(HostId hostId, ScheduleId scheduleId, Instant dueAt, Instant earliest);

    /** Number of runs for a due time, and of reports by the agent itself that there was none. */
    @SqlQuery("""
            SELECT count(*)
              FROM jobs
             WHERE host_id = :hostId
               AND schedule_id = :scheduleId
               AND due_at = :dueAt
               AND (status <> 'missed' OR result_sequence IS NOT NULL)
            """)
    int countRuns(HostId hostId, ScheduleId scheduleId, Instant dueAt);

    /** Number of due times in {@code (after, until]} that have a row of their own. */
    @SqlQuery("""
            SELECT count(DISTINCT due_at)
              FROM jobs
             WHERE host_id = :hostId AND schedule_id = :scheduleId AND due_at > :after AND due_at <= :until
            """)
    long countReported(HostId hostId, ScheduleId scheduleId, Instant after, Instant until);
}
