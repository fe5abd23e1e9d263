package io.resticfleet.server.metrics;

import static io.resticfleet.server.metrics.Family.counter;
import static io.resticfleet.server.metrics.Family.gauge;
import static io.resticfleet.server.metrics.Family.info;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.config.ServerVersion;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostState;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Figures of the fleet as a whole, and of the server itself. */
final class ServerMetrics {

    private final Database db;
    private final Agents agents;
    private final Supplier<Map<Severity, Integer>> alerts;
    private final LongSupplier undelivered;
    private final Instant startedAt;

    /**
     * @param alerts number of open alerts; none of a severity that it lacks
     * @param undelivered number of messages that wait for their delivery to channels
     */
    ServerMetrics(
            Database db,
            Agents agents,
            Supplier<Map<Severity, Integer>> alerts,
            LongSupplier undelivered,
            Instant startedAt) {
        this.db = db;
        this.agents = agents;
        this.alerts = alerts;
        this.undelivered = undelivered;
        this.startedAt = startedAt;
    }

    List<MetricSnapshot> snapshots(FleetStatus fleet) {
        var load = db.writerLoad();
        var runtime = Runtime.getRuntime();
        var started = gauge("start_timestamp_seconds", "When the server was started.");
        started.add(startedAt.toEpochMilli() / 1000.0);
        var copied = gauge(
                "database_copy_timestamp_seconds", "When the server last copied its database. Absent if it never has.");
        copied.addTime(
                Labels.EMPTY, DatabaseCopies.newest(db.file().toAbsolutePath().getParent()));
        return List.of(
                        info("build", "Version of the server.").add(Labels.of("version", ServerVersion.text()), 1),
                        started,
                        hosts(fleet),
                        alerts(),
                        gauge("outbox_messages", "Messages that wait for their delivery to channels.")
                                .add(undelivered.getAsLong()),
                        jobs(fleet, JobStatus.QUEUED, "jobs_queued", "Jobs that wait for their repository or host."),
                        jobs(fleet, JobStatus.RUNNING, "jobs_running", "Jobs that run."),
                        oldest(fleet),
                        gauge("agents_connected", "Connected agents.")
                                .add(agents.connected().size()),
                        counter("database_writes", "Transactions that wrote to the database, since the start.")
                                .add(load.writes()),
                        counter("database_write_waits", "Those that had to wait for another one, since the start.")
                                .add(load.waits()),
                        gauge("database_writes_waiting", "Transactions that wait for another one now.")
                                .add(load.waiting()),
                        gauge("database_size_bytes", "Size of the database.")
                                .add(db.read(
                                        handle -> handle.attach(FigureDao.class).bytes())),
                        gauge("database_ok", "0 if the disk is full, or disk or database are damaged.")
                                .add(db.trouble().isEmpty() ? 1 : 0),
                        copied,
                        gauge("heap_used_bytes", "Memory that the server uses for objects.")
                                .add(runtime.totalMemory() - runtime.freeMemory()),
                        gauge("heap_max_bytes", "Memory that it can use for objects.")
                                .add(runtime.maxMemory()))
                .stream()
                .<MetricSnapshot>map(Family::snapshot)
                .toList();
    }

    private static Family<?> hosts(FleetStatus fleet) {
        var hosts = gauge("hosts", "Hosts by their headline status, as on the dashboard.");
        var counts =
                fleet.hosts().stream().collect(Collectors.groupingBy(status -> status.state(), Collectors.counting()));
        for (var state : HostState.values()) {
            hosts.add(Labels.of("state", state.name().toLowerCase(Locale.ROOT)), counts.getOrDefault(state, 0L));
        }
        return hosts;
    }

    private Family<?> alerts() {
        var open = gauge("alerts", "Open alerts.");
        var counts = alerts.get();
        for (var severity : Severity.values()) {
            open.add(Labels.of("severity", severity.word()), counts.getOrDefault(severity, 0));
        }
        return open;
    }

    private static Family<?> jobs(FleetStatus fleet, JobStatus status, String name, String help) {
        return gauge(name, help)
                .add(fleet.hosts().stream()
                        .flatMap(host -> host.open().stream())
                        .filter(job -> job.status() == status)
                        .count());
    }

    private static Family<?> oldest(FleetStatus fleet) {
        var oldest = gauge(
                "jobs_queued_since_timestamp_seconds",
                "Since when the job waits that waits longest. Absent if none does.");
        oldest.addTime(
                Labels.EMPTY,
                fleet.hosts().stream()
                        .flatMap(host -> host.open().stream())
                        .filter(job -> job.status() == JobStatus.QUEUED)
                        .map(JobSummary::at)
                        .min(Instant::compareTo));
        return oldest;
    }
}
