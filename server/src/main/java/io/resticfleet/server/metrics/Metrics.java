package io.resticfleet.server.metrics;

import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.status.Fleet;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * All figures at one moment. Safe for use by many threads; works for one at a time, so that many who ask need no more memory
 * than one.
 */
public final class Metrics {

    private final Fleet fleet;
    private final InstantSource clock;
    private final ServerMetrics server;
    private final HostMetrics hosts;
    private final RepositoryMetrics repositories;
    private final ReentrantLock turn = new ReentrantLock();

    /**
     * @param alerts number of open alerts by severity
     * @param undelivered number of messages that wait for their delivery to channels
     */
    public Metrics(
            Database db,
            Fleet fleet,
            Agents agents,
            Supplier<Map<Severity, Integer>> alerts,
            LongSupplier undelivered,
            InstantSource clock) {
        this.fleet = fleet;
        this.clock = clock;
        this.server = new ServerMetrics(db, agents, alerts, undelivered, clock.instant());
        this.hosts = new HostMetrics(db, fleet);
        this.repositories = new RepositoryMetrics(db);
    }

    /** What writes them. */
    interface Sink {
        byte[] write(MetricSnapshots snapshots);
    }

    byte[] write(Sink sink) {
        turn.lock();
        try {
            return sink.write(new MetricSnapshots(snapshots()));
        } finally {
            turn.unlock();
        }
    }

    private List<MetricSnapshot> snapshots() {
        var status = fleet.now();
        var all = new ArrayList<>(server.snapshots(status));
        all.addAll(hosts.snapshots(status, clock.instant()));
        all.addAll(repositories.snapshots());
        return all;
    }
}
