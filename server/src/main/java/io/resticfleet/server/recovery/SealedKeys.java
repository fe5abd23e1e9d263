package io.resticfleet.server.recovery;

import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.OperatorError;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The {@link KeyBundle} in a backup: one sealed text, in a table that a database in use does not have. {@code sqlite3
 * FILE 'SELECT sealed FROM backup_envelope'} prints it.
 */
public final class SealedKeys {

    private SealedKeys() {}

    public static void put(Path copy, String sealed) throws SQLException {
        try (var connection = DatabaseFile.write(copy)) {
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode = DELETE"); // no write-ahead log: the backup is one file
                statement.execute("CREATE TABLE backup_envelope (sealed TEXT NOT NULL) STRICT");
            }
            try (var insert = connection.prepareStatement("INSERT INTO backup_envelope VALUES (?)")) {
                insert.setString(1, sealed);
                insert.execute();
            }
        }
    }

    /** @throws OperatorError if the file cannot be read */
    public static Optional<String> find(Path database) {
        try (var connection = DatabaseFile.read(database)) {
            return has(connection)
                    ? Optional.of(first(connection, "SELECT sealed FROM backup_envelope"))
                    : Optional.empty();
        } catch (SQLException e) {
            throw new OperatorError("the keys in " + database + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean has(Connection connection) throws SQLException {
        return first(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'backup_envelope'")
                .equals("1");
    }

    private static String first(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }
}
