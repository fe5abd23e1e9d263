package io.resticfleet.server.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Prepares a row mapper once for each list of columns. JDBI would do so for each query, and reflect on every component of
 * the record, which takes longer than most queries. Safe for use by many threads.
 */
final class CachedRowMapper<T> implements RowMapper<T> {

    private final RowMapper<T> mapper;
    private final Map<List<String>, RowMapper<T>> prepared = new ConcurrentHashMap<>();

    CachedRowMapper(RowMapper<T> mapper) {
        this.mapper = mapper;
    }

    @Override
    public T map(ResultSet rows, StatementContext context) throws SQLException {
        return specialize(rows, context).map(rows, context);
    }

    @Override
    public RowMapper<T> specialize(ResultSet rows, StatementContext context) throws SQLException {
        var columns = columns(rows);
        var known = prepared.get(columns);
        if (known != null) {
            return known;
        }
        var fresh = mapper.specialize(rows, context);
        prepared.put(columns, fresh);
        return fresh;
    }

    private static List<String> columns(ResultSet rows) throws SQLException {
        var meta = rows.getMetaData();
        var columns = new ArrayList<String>();
        for (int column = 1; column <= meta.getColumnCount(); column++) {
            columns.add(meta.getColumnLabel(column));
        }
        return columns;
    }
}
