package io.resticfleet.server;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Credentials;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.schedule.Restored;
import io.resticfleet.server.schedule.Schedules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The server as it is, without HTTP, and doing nothing by itself. */
public final class ServerInSteps implements AutoCloseable {

    private final App app;

    private ServerInSteps(App app) {
        this.app = app;
    }

    public static ServerInSteps start(Path dataDir, InstantSource clock, LongSupplier nanos) {
        var settings = Map.of("--data-dir", dataDir.toString(), "--bootstrap-token", "a-token-of-the-simulation");
        return new ServerInSteps(
                App.wire(ServerConfig.from(Map.of(), settings), Database.open(dataDir, clock), clock, nanos));
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

    public AgentSocket socket() {
        return app.parts().socket();
    }

    @Override
    public void close() {
        app.close();
    }
}
