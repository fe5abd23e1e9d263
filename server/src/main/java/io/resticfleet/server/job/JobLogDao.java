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

    /** Number of the last line; in a row that older versions stored, its lines may be in any order. */
    @SqlQuery("""
            SELECT max(first_line, last_line)
              FROM job_log
             WHERE job_id = :jobId
             ORDER BY first_line DESC
             LIMIT 1
            """)
    Optional<Long> lastLine(JobId jobId);

    /** Bytes of all lines. */
    @SqlQuery("SELECT coalesce(sum(octet_length(lines_json)), 0) FROM job_log WHERE job_id = :jobId")
    long size(JobId jobId);

    /** Number of lines that were dropped at the end of a log; empty if none was. */
    @SqlQuery("SELECT dropped_lines FROM job_log WHERE job_id = :jobId ORDER BY first_line DESC LIMIT 1")
    Optional<Long> dropped(JobId jobId);

    @SqlUpdate("""
            INSERT INTO job_log (job_id, first_line, last_line, lines_json)
            VALUES (:jobId, :firstLine, :lastLine, :lines)
            """)
    void append(JobId jobId, long firstLine, long lastLine, List<LogLine> lines);

    @SqlUpdate("""
            INSERT INTO job_log (job_id, first_line, last_line, lines_json, dropped_lines)
            VALUES (:jobId, :firstLine, :lastLine, :marker, :dropped)
            ON CONFLICT (job_id, first_line) DO UPDATE
               SET last_line = excluded.last_line, lines_json = excluded.lines_json,
                   dropped_lines = excluded.dropped_lines
            """)
    void mark(JobId jobId, long firstLine, long lastLine, List<LogLine> marker, long dropped);

    /** First line of the last piece. */
    @SqlQuery("SELECT max(first_line) FROM job_log WHERE job_id = :jobId")
    Optional<Long> lastPiece(JobId jobId);

    /** First line of the piece with the line after this one, or of the piece before it; 0 if there is none. */
    @SqlQuery("SELECT coalesce(max(first_line), 0) FROM job_log WHERE job_id = :jobId AND first_line <= :after + 1")
    long pieceAfter(JobId jobId, long after);

    @SqlQuery("""
            SELECT first_line, lines_json
              FROM job_log
             WHERE job_id = :jobId AND first_line >= :from
             ORDER BY first_line
             LIMIT :pieces
            """)
    List<LogPiece> pieces(JobId jobId, long from, int pieces);

    /** Pieces from {@code from} to before {@code before}, the last one first. */
    @SqlQuery("""
            SELECT first_line, lines_json
              FROM job_log
             WHERE job_id = :jobId AND first_line >= :from AND first_line < :before
             ORDER BY first_line DESC
             LIMIT :pieces
            """)
    List<LogPiece> piecesBefore(JobId jobId, long from, long before, int pieces);

    @SqlQuery("SELECT host_id FROM jobs WHERE id = :jobId")
    Optional<HostId> hostOf(JobId jobId);

    /** Deletes the logs of jobs that are older, according to their id, a ULID. Returns the number of deleted pieces. */
    @SqlUpdate("""
            DELETE FROM job_log
             WHERE job_id < :beforeId
            """)
    int deleteOlder(String beforeId);
}
