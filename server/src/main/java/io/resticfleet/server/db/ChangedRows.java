package io.resticfleet.server.db;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sqlite.Function;
import org.sqlite.SQLiteConnection;

/**
 * The rows that the current transaction changes. SQLite reports them by temporary triggers of the writing connection on
 * every table, also for rows deleted by a foreign key, so that no statement can forget to report its changes.
 *
 * <p>Used only by the thread that holds the connection.
 *
 * @see <a href="https://sqlite.org/lang_createtrigger.html#temp_triggers_on_non_temp_tables">SQLite: TEMP triggers</a>
 */
final class ChangedRows {

    /** Beyond this only the host is recorded, so that a large deletion needs little memory. */
    private static final int MAX_JOBS = 1_000;

    private final Set<Change> changes = new HashSet<>();

    /** SQL function that the triggers call. Costs about 10 µs per statement and writes nothing. */
    private final class Report extends Function {
        @Override
        protected void xFunc() throws SQLException {
            var jobId = changes.size() < MAX_JOBS ? id(2, JobId::new) : Optional.<JobId>empty();
            changes.add(new Change(value_text(0), id(1, HostId::new), jobId));
            result();
        }

        private <I extends Id> Optional<I> id(int argument, java.util.function.Function<String, I> type)
                throws SQLException {
            return Optional.of(value_text(argument)).filter(Id::matches).map(type);
        }
    }

    /** Creates the triggers on a connection. */
    Connection watch(Connection connection) throws SQLException {
        var real = connection.unwrap(SQLiteConnection.class);
        Function.create(real, "changed", new Report());
        try (var statement = real.createStatement()) {
            statement.execute("PRAGMA recursive_triggers = ON"); // otherwise rows deleted by REPLACE are not reported
            for (var table : tables(real)) {
                var hostId = table.equals("hosts") ? "id" : column(real, table, "host_id");
                var jobId = table.equals("jobs") ? "id" : column(real, table, "job_id");
                var before = report(table, "OLD", hostId, jobId);
                var after = report(table, "NEW", hostId, jobId);
                statement.execute(trigger(table, "INSERT", after));
                statement.execute(trigger(table, "UPDATE", before + after));
                statement.execute(trigger(table, "DELETE", before));
            }
        }
        return connection;
    }

    private static List<String> tables(SQLiteConnection connection) throws SQLException {
        return strings(
                connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    }

    /** The column's name, or empty if the table does not have it. */
    private static String column(SQLiteConnection connection, String table, String name) throws SQLException {
        return strings(connection, "SELECT name FROM pragma_table_info('" + table + "')")
                        .contains(name)
                ? name
                : "";
    }

    private static List<String> strings(SQLiteConnection connection, String query) throws SQLException {
        var strings = new ArrayList<String>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            while (rows.next()) {
                strings.add(rows.getString(1));
            }
        }
        return strings;
    }

    private static String report(String table, String row, String hostId, String jobId) {
        return "SELECT changed('" + table + "', " + value(row, hostId) + ", " + value(row, jobId) + "); ";
    }

    private static String value(String row, String column) {
        return column.isEmpty() ? "''" : "coalesce(" + row + "." + column + ", '')";
    }

    private static String trigger(String table, String event, String body) {
        return "CREATE TEMP TRIGGER changed_" + table + "_" + event + " AFTER " + event + " ON main." + table
                + " BEGIN " + body + "END";
    }

    /** Called before a transaction. */
    void clear() {
        changes.clear();
    }

    Set<Change> get() {
        return changes;
    }
}
