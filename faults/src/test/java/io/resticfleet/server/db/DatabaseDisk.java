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

/** The disk below a server's database, under the real SQLite: it fails for a while, or is the last that the server sees. */
public final class DatabaseDisk {

    private static final Set<String> CALLS =
            Set.of("execute", "executeUpdate", "executeQuery", "setAutoCommit", "commit", "rollback");

    private final Supplier<Error> death;
    private Optional<SQLiteErrorCode> failure = Optional.empty();
    private int momentsLeft;

    /** @param death what ends the server */
    public DatabaseDisk(Supplier<Error> death) {
        this.death = death;
    }

    /** Opens a database on it. */
    public Database open(Path directory, InstantSource clock) {
        return Database.open(directory, clock, this::connect);
    }

    /** It is full, until mended. */
    public void fill() {
        failure = Optional.of(SQLiteErrorCode.SQLITE_FULL);
    }

    /** It fails, until mended. */
    public void fail() {
        failure = Optional.of(SQLiteErrorCode.SQLITE_IOERR);
    }

    public void mend() {
        failure = Optional.empty();
    }

    /** Lets the server die at the n-th of these moments: before each call that may write, and after it. 0 lets it live. */
    public void dieAt(int moments) {
        momentsLeft = moments;
    }

    /** Does something at which it shall not die: who asked for it would not know whether it was done. */
    public void safely(Runnable action) {
        int left = momentsLeft;
        momentsLeft = 0;
        action.run();
        momentsLeft = left;
    }

    private Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var real = DatabaseFile.connect(file, mode);
        return mode == SQLiteConfig.TransactionMode.IMMEDIATE ? watched(real, Connection.class) : real;
    }

    private <T> T watched(Object real, Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                DatabaseDisk.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean counts = CALLS.contains(method.getName());
                    if (counts && failure.isPresent() && !method.getName().equals("rollback")) {
                        throw new SQLiteException(failure.get().message, failure.get());
                    }
                    countDown(counts ? 1 : 0);
                    try {
                        var answer = method.invoke(real, arguments);
                        countDown(counts ? 1 : 0);
                        return wrapped(answer);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private void countDown(int by) {
        if (momentsLeft > 0 && by > 0) {
            momentsLeft -= by;
            if (momentsLeft == 0) {
                throw death.get();
            }
        }
    }

    private Object wrapped(Object answer) {
        for (var type : List.of(PreparedStatement.class, Statement.class)) {
            if (type.isInstance(answer)) {
                return watched(answer, type);
            }
        }
        return answer;
    }
}
