package io.resticfleet.server;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseDisk;
import io.resticfleet.server.host.Credentials;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Restored;
import io.resticfleet.server.schedule.Schedules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The server as it is, without HTTP, and doing nothing by itself. */
public final class EmbeddedServer implements AutoCloseable {

    private final App app;

    private EmbeddedServer(App app) {
        this.app = app;
    }

    /** @throws RuntimeException if it cannot, as on a disk that fails; nothing is then open */
    public static EmbeddedServer start(Path dataDir, DatabaseDisk disk, InstantSource clock, LongSupplier nanos) {
        var settings = Map.of("--data-dir", dataDir.toString(), "--bootstrap-token", "a-token-of-the-simulation");
        var db = disk.open(dataDir, clock);
        try {
            return new EmbeddedServer(App.wire(ServerConfig.from(Map.of(), settings), db, clock, nanos));
        } catch (RuntimeException e) {
            db.close();
            throw e;
        }
    }

    /** Something to be done again and again. */
    public record Chore(String name, Duration every, Runnable task) {}

    public List<Chore> chores() {
        return app.housekeeping().chores().stream()
                .map(chore -> new Chore(chore.name(), chore.every(), chore.task()))
                .toList();
    }

    public Database db() {
        return app.parts().db();
    }

    public Hosts hosts() {
        return app.parts().hosts();
    }

    public Credentials credentials() {
        return app.parts().credentials();
    }

    public Schedules schedules() {
        return app.parts().schedules();
    }

    public Restored restored() {
        return app.parts().restored();
    }

    public Dispatcher dispatcher() {
        return app.parts().dispatcher();
    }

    public Agents agents() {
        return app.parts().agents();
    }

    public AgentSocket socket() {
        return app.parts().socket();
    }

    @Override
    public void close() {
        app.close();
    }
}
