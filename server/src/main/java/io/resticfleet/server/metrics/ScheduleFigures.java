package io.resticfleet.server.metrics;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.db.Database;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Figures of all schedules, cached: only hosts whose jobs or schedules have changed are read again. Used by one thread. */
final class ScheduleFigures {

    /** Number of hosts in one statement. */
    private static final int BATCH_SIZE = 500;

    private static final Set<String> TABLES = Set.of("jobs", "schedules");

    private final Database db;
    private final Map<HostId, Map<ScheduleId, FigureDao.ScheduleRow>> known = new HashMap<>();
    private long lastChange;

    ScheduleFigures(Database db) {
        this.db = db;
    }

    /** Reads what has changed; returns whether anything has. A schedule that is disabled has no figures. */
    boolean update(Collection<HostId> hosts) {
        var changes = db.changesSince(lastChange); // before reading, so that no change is missed
        if (changes.everything()) {
            known.clear();
        } else {
            changes.changes().stream()
                    .filter(change -> TABLES.contains(change.what()))
                    .forEach(this::forget);
        }
        lastChange = changes.last();
        known.keySet().retainAll(Set.copyOf(hosts));
        var unknown = hosts.stream().filter(host -> !known.containsKey(host)).toList();
        for (int from = 0; from < unknown.size(); from += BATCH_SIZE) {
            read(unknown.subList(from, Math.min(from + BATCH_SIZE, unknown.size())));
        }
        return !unknown.isEmpty();
    }

    private void forget(Change change) {
        change.hostId().ifPresentOrElse(known::remove, known::clear);
    }

    private void read(List<HostId> hosts) {
        var rows = db.read(handle -> handle.attach(FigureDao.class).schedules(hosts)).stream()
                .collect(Collectors.groupingBy(FigureDao.ScheduleRow::hostId));
        hosts.forEach(host -> known.put(
                host,
                rows.getOrDefault(host, List.of()).stream()
                        .collect(Collectors.toMap(FigureDao.ScheduleRow::scheduleId, row -> row))));
    }

    /** By the id of the schedule. */
    Map<ScheduleId, FigureDao.ScheduleRow> of(HostId host) {
        return known.getOrDefault(host, Map.of());
    }
}
