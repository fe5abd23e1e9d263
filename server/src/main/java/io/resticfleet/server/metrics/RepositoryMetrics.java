package io.resticfleet.server.metrics;

import static io.resticfleet.server.metrics.Family.gauge;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.resticfleet.server.db.Database;
import java.util.List;
import java.util.Set;

/** Figures of repositories, read again after a change only. Used by one thread at a time. */
final class RepositoryMetrics {

    private static final Set<String> TABLES = Set.of("repositories", "snapshot_lists");

    private final Database db;
    private List<MetricSnapshot> snapshots = List.of();
    private long lastChange = -1;

    RepositoryMetrics(Database db) {
        this.db = db;
    }

    List<MetricSnapshot> snapshots() {
        var changes = db.changesSince(Math.max(0, lastChange));
        boolean changed = lastChange < 0
                || changes.everything()
                || changes.changes().stream().anyMatch(change -> TABLES.contains(change.what()));
        lastChange = changes.last();
        if (changed) {
            snapshots = read();
        }
        return snapshots;
    }

    private List<MetricSnapshot> read() {
        var status = gauge(
                "repository_status",
                "1 for what the last job that opened a repository found: ok, unreachable, wrong_password, locked, damaged;"
                        + " unknown before the first.");
        var locked = gauge(
                "repository_locked_since_timestamp_seconds",
                "Since when every job found a repository locked by somebody else. Absent if it is not.");
        var size = gauge("repository_size_bytes", "Bytes that a repository takes. Absent until it was measured.");
        var count = gauge("repository_snapshots", "Snapshots in a repository, of all hosts.");
        var checked = gauge(
                "repository_last_check_timestamp_seconds",
                "When a repository was last checked. Absent if it never was.");
        var sound = gauge("repository_last_check_success", "Whether the last check of a repository found no damage.");
        var share = gauge(
                "repository_last_check_data_ratio",
                "Share of its data that the last check of a repository read, 0 to 1.");
        var pruned = gauge(
                "repository_last_prune_timestamp_seconds",
                "When a repository was last pruned. Absent if it never was.");
        var rows = db.read(handle -> handle.attach(FigureDao.class).repositories());
        var names = UniqueNames.of(rows, row -> row.id().value(), FigureDao.RepositoryFigures::name);
        for (var row : rows) {
            var name = names.get(row.id().value());
            var labels = Labels.of("repository", name);
            status.add(Labels.of("repository", name, "status", row.status()), 1);
            if (row.status().equals("locked")) {
                locked.addTime(labels, row.statusSinceAt());
            }
            size.add(labels, row.sizeBytes());
            count.add(labels, row.snapshots());
            checked.addTime(labels, row.lastCheckAt());
            row.lastCheckOk().ifPresent(ok -> sound.add(labels, ok));
            share.add(labels, row.lastCheckShare());
            pruned.addTime(labels, row.lastPruneAt());
        }
        return List.of(status, locked, size, count, checked, sound, share, pruned).stream()
                .<MetricSnapshot>map(Family::snapshot)
                .toList();
    }
}
