package io.resticfleet.server.db;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;

/** One look into a database of whatever version, whether or not a server uses it. */
public final class DatabasePeek {

    private DatabasePeek() {}

    /** @throws OperatorError if it cannot be read, or is of a version that has not what is asked for */
    public static <T> T into(Path file, Function<Handle, T> query) {
        try (var connection = DatabaseFile.connect(file, SQLiteConfig.TransactionMode.DEFERRED)) {
            return ColumnTypes.register(Jdbi.create(connection)).withHandle(query::apply);
        } catch (SQLException e) {
            throw new OperatorError("cannot open the database " + file + ": " + e.getMessage(), e);
        } catch (JdbiException e) {
            throw new OperatorError("cannot read the database " + file + ": " + SqliteFault.words(e), e);
        }
    }
}
