package io.resticfleet.server.db;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;

/** Reads a database of any schema version, whether or not a server uses it. */
public final class DatabasePeek {

    private DatabasePeek() {}

    /** @throws OperatorError if it cannot be read, or its schema lacks what the query needs */
    public static <T> T into(Path file, Function<Handle, T> query) {
        try (var connection = DatabaseFile.connect(file, SQLiteConfig.TransactionMode.DEFERRED)) {
            return ColumnTypes.register(Jdbi.create(connection)).withHandle(query::apply);
        } catch (SQLException e) {
            throw new OperatorError("cannot open the database " + file + ": " + e.getMessage(), e);
        } catch (JdbiException e) {
            throw new OperatorError("cannot read the database " + file + ": " + SqliteFault.message(e), e);
        }
    }
}
