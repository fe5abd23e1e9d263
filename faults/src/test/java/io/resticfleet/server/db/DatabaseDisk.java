package io.resticfleet.server.db;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Faults below the real SQLite of a server: its disk fails for a while, or the server dies at a call. */
public final class DatabaseDisk {

    private static final Set<String> CALLS =
            Set.of("execute", "executeUpdate", "executeQuery", "setAutoCommit", "commit", "rollback");

    private final Supplier<Error> killer;
    private Optional<SQLiteErrorCode> failure = Optional.empty();
    private int callsLeft;

    /** @param killer creates the error that ends the server */
    public DatabaseDisk(Supplier<Error> killer) {
        this.killer = killer;
    }

    /** Opens a database on this disk. */
    public Database open(Path directory, InstantSource clock) {
        return Database.open(directory, clock, this::connect);
    }

    /** Makes writes fail as on a full disk, until repaired. */
    public void fill() {
        failure = Optional.of(SQLiteErrorCode.SQLITE_FULL);
    }

    /** Makes writes fail with I/O errors, until repaired. */
    public void fail() {
        failure = Optional.of(SQLiteErrorCode.SQLITE_IOERR);
    }

    public void repair() {
        failure = Optional.empty();
    }

    /** Makes the server die at the n-th moment from now; before and after each call that may write. 0 for never. */
    public void dieAt(int moments) {
        callsLeft = moments;
    }

    /** Runs an action during which the server does not die, as its caller needs to know whether it was done. */
    public void withoutDying(Runnable action) {
        int left = callsLeft;
        callsLeft = 0;
        action.run();
        callsLeft = left;
    }

    private Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var real = DatabaseFile.connect(file, mode);
        return mode == SQLiteConfig.TransactionMode.IMMEDIATE ? observed(real, Connection.class) : real;
    }

    private <T> T observed(Object real, Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                DatabaseDisk.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean counts = CALLS.contains(method.getName());
                    if (counts && failure.isPresent() && !method.getName().equals("rollback")) {
                        throw new SQLiteException(failure.get().message, failure.get());
                    }
                    countDown(counts ? 1 : 0);
                    try {
                        var result = method.invoke(real, arguments);
                        countDown(counts ? 1 : 0);
                        return wrapped(result);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private void countDown(int by) {
        if (callsLeft > 0 && by > 0) {
            callsLeft -= by;
            if (callsLeft == 0) {
                throw killer.get();
            }
        }
    }

    private Object wrapped(Object result) {
        for (var type : List.of(PreparedStatement.class, Statement.class)) {
            if (type.isInstance(result)) {
                return observed(result, type);
            }
        }
        return result;
    }
}
