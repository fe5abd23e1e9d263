package io.resticfleet.server.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** The columns of a job that a {@link JobSummary} holds. By hand: pages read one of each schedule at every look. */
public final class JobSummaryRow implements RowMapper<JobSummary> {

    @Override
    public JobSummary map(ResultSet row, StatementContext context) throws SQLException {
        return new JobSummary(
                row.getString("id"),
                row.getString("host_id"),
                Optional.ofNullable(row.getString("schedule_id")),
                JobKind.of(row.getString("kind")),
                JobStatus.of(row.getString("status")),
                Instant.ofEpochMilli(row.getLong("at")),
                JobRow.instant(row, "finished_at"),
                Optional.ofNullable(row.getString("error")));
    }
}
