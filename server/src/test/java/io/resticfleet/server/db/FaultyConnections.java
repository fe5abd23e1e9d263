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
import java.util.Set;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Opens the real SQLite with a writing connection that throws at the call that a test chooses, with an error code of
 * SQLite's.
 */
public final class FaultyConnections {

    private static final Set<String> CALLS =
            Set.of("execute", "executeUpdate", "executeQuery", "setAutoCommit", "commit", "rollback");

    private SQLiteErrorCode code = SQLiteErrorCode.SQLITE_OK;
    private int callsUntil = Integer.MAX_VALUE;
    private int times;
    private boolean afterwards;
    private int fired;

    /** Opens a database with such a connection. */
    public Database open(Path directory, InstantSource clock) {
        return Database.open(directory, clock, this::connect);
    }

    /**
     * Fails a number of calls from the n-th on.
     *
     * @param n 1 for the next
     */
    public synchronized void failFrom(int n, int howOften, SQLiteErrorCode with) {
        callsUntil = n;
        times = howOften;
        code = with;
        afterwards = false;
        fired = 0;
    }

    /** Executes the n-th call and then throws, once. */
    public synchronized void failAfter(int n, SQLiteErrorCode with) {
        failFrom(n, 1, with);
        afterwards = true;
    }

    /** Fails every call until {@link #mend}. */
    public void fail(SQLiteErrorCode with) {
        failFrom(1, Integer.MAX_VALUE, with);
    }

    public synchronized void mend() {
        callsUntil = Integer.MAX_VALUE;
        times = 0;
    }

    /** Whether a call has failed since the failures were last chosen. */
    public synchronized boolean fired() {
        return fired > 0;
    }

    private synchronized boolean due() {
        callsUntil--;
        boolean due = callsUntil <= 0 && times > 0;
        if (due) {
            times--;
            fired++;
        }
        return due;
    }

    private Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var real = DatabaseFile.connect(file, mode);
        return mode == SQLiteConfig.TransactionMode.IMMEDIATE ? failing(real, Connection.class) : real;
    }

    private <T> T failing(Object real, Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                FaultyConnections.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean due = CALLS.contains(method.getName()) && due();
                    if (due && !afterwards) {
                        throw failure();
                    }
                    try {
                        var answer = method.invoke(real, arguments);
                        if (due) {
                            throw failure();
                        }
                        return wrapped(answer);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private Object wrapped(Object answer) {
        for (var type : List.of(PreparedStatement.class, Statement.class)) {
            if (type.isInstance(answer)) {
                return failing(answer, type);
            }
        }
        return answer;
    }

    private SQLiteException failure() {
        return new SQLiteException(code.message, code);
    }
}
