package io.resticfleet.server;

import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.channel.Channels;
import io.resticfleet.server.channel.Sender;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.DatabaseDisk;
import io.resticfleet.server.divergence.Decisions;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.drill.Drills;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.HostSilences;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.LongSupplier;

/** The real server, without HTTP; its periodic tasks are run by the simulation. */
public final class EmbeddedServer implements AutoCloseable {

    private final App app;

    private EmbeddedServer(App app) {
        this.app = app;
    }

    /** @throws RuntimeException if it cannot start, as on a failing disk; nothing remains open then */
    public static EmbeddedServer start(Path dataDir, DatabaseDisk disk, InstantSource clock, LongSupplier nanos) {
        return start(dataDir, disk, clock, nanos, Sending.overNetwork(clock));
    }

    /** As above; messages are sent by {@code sender}, in tasks that {@code executor} runs. */
    public static EmbeddedServer start(
            Path dataDir,
            DatabaseDisk disk,
            InstantSource clock,
            LongSupplier nanos,
            Sender sender,
            ExecutorService executor) {
        var network = Sending.overNetwork(clock);
        return start(dataDir, disk, clock, nanos, new Sending(network.http(), sender, executor, executor));
    }

    private static EmbeddedServer start(
            Path dataDir, DatabaseDisk disk, InstantSource clock, LongSupplier nanos, Sending sending) {
        var settings = Map.of(
                "--data-dir", dataDir.toString(),
                "--bootstrap-token", "a-token-of-the-simulation",
                "--index-size", "0"); // it has a thread of its own, which does not follow the seed
        var db = disk.open(dataDir, clock);
        try {
            return new EmbeddedServer(App.wire(
                    ServerConfig.from(Map.of(), settings),
                    db,
                    clock,
                    nanos,
                    () -> Duration.ofNanos(nanos.getAsLong()),
                    Optional.empty(),
                    sending));
        } catch (RuntimeException e) {
            db.close();
            throw e;
        }
    }

    /** A periodic task. */
    public record Task(String name, Duration every, Runnable work) {}

    public List<Task> tasks() {
        return app.maintenance().tasks().stream()
                .map(task -> new Task(task.name(), task.every(), task.work()))
                .toList();
    }

    public Database db() {
        return app.parts().db();
    }

    public Hosts hosts() {
        return app.parts().hosts();
    }

    /** Silences a host, or ends that. */
    public HostSilences silences() {
        return app.parts().silences();
    }

    /** Pauses or resumes a host; its agent learns of it by {@link #configs}. */
    public Pauses pauses() {
        return app.parts().pauses();
    }

    public HostConfigs configs() {
        return app.parts().configs();
    }

    public Repositories repositories() {
        return app.parts().repositories();
    }

    public Schedules schedules() {
        return app.parts().schedules();
    }

    public Decisions decisions() {
        return app.parts().decisions();
    }

    public Divergences divergences() {
        return app.parts().divergences();
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

    public Alerts alerts() {
        return app.parts().alerts();
    }

    public Channels channels() {
        return app.parts().alerting().channels;
    }

    public Drills drills() {
        return app.parts().all().drills;
    }

    public Expectations expectations() {
        return app.parts().all().expectations;
    }

    @Override
    public void close() {
        app.close();
    }
}
