package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.LogLine;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code job_log} table. Other features use {@link JobLogs}. */
interface JobLogDao {

    @SqlQuery("SELECT coalesce(max(last_line), 0) FROM job_log WHERE job_id = :jobId")
    long lastLine(JobId jobId);

    @SqlQuery("SELECT coalesce(sum(length(lines_json)), 0) FROM job_log WHERE job_id = :jobId")
    long size(JobId jobId);

    @SqlUpdate("""
            INSERT INTO job_log (job_id, first_line, last_line, lines_json)
            VALUES (:jobId, :firstLine, :lastLine, :lines)
            """)
    void append(JobId jobId, long firstLine, long lastLine, List<LogLine> lines);

    @SqlQuery("""
            SELECT lines_json
              FROM job_log
             WHERE job_id = :jobId
               AND last_line > :after
             ORDER BY first_line
            """)
    List<List<LogLine>> after(JobId jobId, long after);

    @SqlQuery("SELECT lines_json FROM job_log WHERE job_id = :jobId ORDER BY first_line LIMIT :pieces")
    List<List<LogLine>> first(JobId jobId, int pieces);

    @SqlQuery("SELECT host_id FROM jobs WHERE id = :jobId")
    Optional<HostId> hostOf(JobId jobId);

    /** Deletes the logs of jobs that are older, according to their id, a ULID. Returns the number of deleted pieces. */
    @SqlUpdate("""
            DELETE FROM job_log
             WHERE job_id < :beforeId
            """)
    int deleteOlder(String beforeId);
}
