package io.resticfleet.server.host;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/** A host's row. By hand: pages read all of them at every look. */
public final class HostRow implements RowMapper<Host> {

    @Override
    public Host map(ResultSet row, StatementContext context) throws SQLException {
        return new Host(
                row.getString("id"),
                row.getString("name"),
                row.getString("hostname"),
                row.getString("public_key"),
                row.getString("os"),
                row.getString("arch"),
                Optional.ofNullable(row.getString("time_zone")),
                row.getString("agent_version"),
                Optional.ofNullable(row.getString("restic_version")),
                number(row, "clock_skew_ms"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                number(row, "last_seen_at").map(Instant::ofEpochMilli));
    }

    private static Optional<Long> number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(number);
    }
}
