package io.resticfleet.server.schedule;

import io.resticfleet.protocol.JobKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** The columns of a schedule that a {@link ScheduleBrief} holds. */
public final class ScheduleBriefRow implements RowMapper<ScheduleBrief> {

    @Override
    public ScheduleBrief map(ResultSet row, StatementContext context) throws SQLException {
        return new ScheduleBrief(
                row.getString("id"),
                row.getString("host_id"),
                JobKind.of(row.getString("kind")),
                row.getString("name"),
                row.getBoolean("enabled"),
                row.getBoolean("manual"),
                Optional.ofNullable(row.getString("cron")),
                Optional.ofNullable(row.getString("time_zone")),
                ScheduleRow.strings(row.getString("tags_json")));
    }
}
