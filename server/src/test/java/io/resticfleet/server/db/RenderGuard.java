package io.resticfleet.server.db;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.sqlite.SQLiteConfig;

/** Opens a database that records statements executed while a template renders. */
public final class RenderGuard {

    private static final Set<String> STATEMENTS = Set.of("createStatement", "prepareStatement");
    private static final String RENDERING = "io.resticfleet.server.web.Html";

    private final List<String> caught = new CopyOnWriteArrayList<>();
    private final AtomicInteger others = new AtomicInteger();

    public Database open(Path directory, InstantSource clock) {
        return Database.open(directory, clock, this::connect);
    }

    /** Stack traces of statements during rendering. */
    public List<String> caught() {
        return caught;
    }

    /** Number of all other statements. */
    public int others() {
        return others.get();
    }

    private Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var real = DatabaseFile.connect(file, mode);
        return (Connection) Proxy.newProxyInstance(
                RenderGuard.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (STATEMENTS.contains(method.getName())) {
                        record();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void record() {
        var stack = StackWalker.getInstance()
                .walk(frames -> frames.map(Object::toString).toList());
        if (stack.stream().anyMatch(frame -> frame.startsWith(RENDERING + ".render"))) {
            caught.add(String.join("\n", stack));
        } else {
            others.incrementAndGet();
        }
    }
}
