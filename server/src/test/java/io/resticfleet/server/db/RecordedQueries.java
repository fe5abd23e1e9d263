package io.resticfleet.server.db;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.sqlite.SQLiteConfig;

/** Opens the real SQLite, and records what its connections run, and the size of what is read. */
public final class RecordedQueries {

    private static final Set<Class<?>> RESULTS = Set.of(PreparedStatement.class, Statement.class, ResultSet.class);

    private final Set<String> queries = new LinkedHashSet<>();
    private final Set<String> changes = new LinkedHashSet<>();
    private long largest;

    public Database open(Path directory, InstantSource clock) {
        return Database.open(directory, clock, this::connect);
    }

    /** The texts of the queries since the last call, without those of transactions that can write. */
    public synchronized Set<String> take() {
        return take(queries);
    }

    /** The texts of what ran in transactions that can write, since the last call. */
    public synchronized Set<String> takeChanges() {
        return take(changes);
    }

    private static Set<String> take(Set<String> statements) {
        var taken = Set.copyOf(statements);
        statements.clear();
        return taken;
    }

    /** Characters of text in the largest result since the last call. */
    public synchronized long takeLargest() {
        long taken = largest;
        largest = 0;
        return taken;
    }

    private synchronized void prepared(Set<String> statements, String statement) {
        statements.add(statement);
    }

    private synchronized void read(long characters) {
        largest = Math.max(largest, characters);
    }

    private Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var real = DatabaseFile.connect(file, mode);
        return recording(real, Connection.class, mode == SQLiteConfig.TransactionMode.DEFERRED ? queries : changes);
    }

    private <T> T recording(Object real, Class<T> type, Set<String> statements) {
        var characters = new AtomicLong();
        return type.cast(Proxy.newProxyInstance(
                RecordedQueries.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("prepareStatement")) {
                        prepared(statements, (String) arguments[0]);
                    }
                    try {
                        var answer = method.invoke(real, arguments);
                        if (answer instanceof String text && real instanceof ResultSet) {
                            read(characters.addAndGet(text.length()));
                        }
                        return RESULTS.contains(method.getReturnType())
                                ? recording(answer, method.getReturnType(), statements)
                                : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
