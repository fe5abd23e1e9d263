package io.resticfleet.server.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Wire;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** A job's row. */
public final class JobRow implements RowMapper<Job> {

    private static final JsonMapper JSON = Wire.builder().build();

    static String write(JobResult stats) {
        try {
            return JSON.writeValueAsString(stats);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + stats, e);
        }
    }

    @Override
    public Job map(ResultSet row, StatementContext context) throws SQLException {
        return new Job(
                row.getString("id"),
                row.getString("host_id"),
                text(row, "schedule_id"),
                JobKind.of(row.getString("kind")),
                JobStatus.of(row.getString("status")),
                JobTrigger.of(row.getString("trigger_word")),
                instant(row, "due_at"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                instant(row, "started_at"),
                instant(row, "finished_at"),
                Optional.ofNullable(row.getObject("exit_code")).map(code -> ((Number) code).intValue()),
                text(row, "error"),
                text(row, "error_code"),
                text(row, "snapshot_id"),
                stats(row),
                text(row, "requested_by"),
                text(row, "repository_url"),
                instant(row, "sent_at"),
                text(row, "waiting_for"));
    }

    /** By the row's kind. */
    private static Optional<JobResult> stats(ResultSet row) throws SQLException {
        var json = row.getString("stats_json");
        try {
            return json == null
                    ? Optional.empty()
                    : Optional.of(JobResult.read(JobKind.of(row.getString("kind")), json));
        } catch (IllegalArgumentException e) {
            throw new SQLException("the figures of job " + row.getString("id") + " are not readable", e);
        }
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
