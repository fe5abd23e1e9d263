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

/** Opens the real SQLite, and records the queries of its reading connections and the size of their results. */
public final class RecordedQueries {

    private static final Set<Class<?>> RESULTS = Set.of(PreparedStatement.class, Statement.class, ResultSet.class);

    private final Set<String> queries = new LinkedHashSet<>();
    private long largest;

    public Database open(Path directory, InstantSource clock) {
        return Database.open(directory, clock, this::connect);
    }

    /** The texts of the queries since the last call. */
    public synchronized Set<String> take() {
        var taken = Set.copyOf(queries);
        queries.clear();
        return taken;
    }

    /** Characters of text in the largest result since the last call. */
    public synchronized long takeLargest() {
        long taken = largest;
        largest = 0;
        return taken;
    }

    private synchronized void prepared(String query) {
        queries.add(query);
    }

    private synchronized void read(long characters) {
        largest = Math.max(largest, characters);
    }

    private Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var real = DatabaseFile.connect(file, mode);
        return mode == SQLiteConfig.TransactionMode.DEFERRED ? recording(real, Connection.class) : real;
    }

    private <T> T recording(Object real, Class<T> type) {
        var characters = new AtomicLong();
        return type.cast(Proxy.newProxyInstance(
                RecordedQueries.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("prepareStatement")) {
                        prepared((String) arguments[0]);
                    }
                    try {
                        var answer = method.invoke(real, arguments);
                        if (answer instanceof String text && real instanceof ResultSet) {
                            read(characters.addAndGet(text.length()));
                        }
                        return RESULTS.contains(method.getReturnType())
                                ? recording(answer, method.getReturnType())
                                : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
