package io.resticfleet.server.job;

import io.resticfleet.protocol.JobStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** A row of {@link JobSummaryDao#backupCounts}. There are thousands for a page, so its columns go by number. */
public final class BackupCountRow implements RowMapper<BackupCount> {

    @Override
    public BackupCount map(ResultSet row, StatementContext context) throws SQLException {
        return new BackupCount(
                row.getString(1),
                Optional.ofNullable(row.getString(2)),
                LocalDate.ofEpochDay(row.getLong(3)),
                JobStatus.of(row.getString(4)),
                row.getInt(5),
                Instant.ofEpochMilli(row.getLong(6)));
    }
}
