package io.resticfleet.server.metrics;

import static io.resticfleet.server.metrics.Family.counter;
import static io.resticfleet.server.metrics.Family.gauge;
import static io.resticfleet.server.metrics.Family.info;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Figures of hosts and of their enabled schedules. Used by one thread at a time. */
final class HostMetrics {

    private static final String[] SCHEDULE = {"host", "schedule"};

    private final ScheduleFigures figures;
    private final Fleet fleet;
    private Map<ScheduleId, Labels> labels = new HashMap<>();
    private Optional<FleetStatus> of = Optional.empty();
    private Instant from = Instant.MAX;
    private Instant until = Instant.MIN;
    private List<MetricSnapshot> snapshots = List.of();

    HostMetrics(Database db, Fleet fleet) {
        this.fleet = fleet;
        this.figures = new ScheduleFigures(db);
    }

    /** What is collected of one look. */
    private static final class Families {
        private final Family<?> info = info("host", "Versions of a host's agent and restic.");
        private final Family<?> online = gauge(
                "host_online",
                "Whether a host's agent is connected. Absent while not known after a start of the server.");
        private final Family<?> drift =
                gauge("host_drift", "Whether a host's agent applies other schedules than the server's.");
        private final Family<?> succeeded = gauge(
                "last_success_timestamp_seconds",
                "When the last run of a schedule ended that succeeded. Absent if none has.");
        private final Family<?> ok = gauge(
                "last_run_success",
                "1 if the last run of a schedule succeeded, 0 if it was partial, failed, interrupted or missed.");
        private final Family<?> duration = gauge(
                "last_duration_seconds",
                "Duration of the last run of a schedule that succeeded, of backups also of a partial one.");
        private final Family<?> due =
                gauge("next_due_timestamp_seconds", "When a schedule is due next. Absent if it is manual.");
        private final Family<?> failed = counter(
                "runs_failed",
                "Runs of a schedule that failed or were interrupted; kind is its kind, such as backup or check.");
        private final Family<?> missed =
                counter("runs_missed", "Missed runs of a schedule. Several due times in a row may count as one.");
        private final Family<?> files = gauge("backup_files", "Files in the last snapshot of a backup schedule.");
        private final Family<?> bytes =
                gauge("backup_bytes", "Bytes of the files in the last snapshot of a backup schedule.");

        List<MetricSnapshot> snapshots() {
            return List.of(info, online, drift, succeeded, ok, duration, due, failed, missed, files, bytes).stream()
                    .<MetricSnapshot>map(Family::snapshot)
                    .toList();
        }
    }

    /** The same list as before if nothing has changed. */
    List<MetricSnapshot> snapshots(FleetStatus now, Instant at) {
        boolean changed = figures.update(
                now.hosts().stream().map(status -> status.host().id()).toList());
        boolean same = of.filter(before -> before == now).isPresent();
        if (changed || !same || at.isBefore(from) || !at.isBefore(until)) {
            of = Optional.of(now);
            from = at;
            until = Instant.MAX;
            snapshots = collect(now);
        }
        return snapshots;
    }

    private List<MetricSnapshot> collect(FleetStatus now) {
        var names = UniqueNames.of(
                now.hosts(),
                status -> status.host().id().value(),
                status -> status.host().name());
        var sorted = new ArrayList<>(now.hosts());
        sorted.sort(Comparator.comparing(status -> names.get(status.host().id().value())));
        var families = new Families();
        var used = new HashMap<ScheduleId, Labels>();
        for (var status : sorted) {
            var name = names.get(status.host().id().value());
            addHost(families, status, name);
            addSchedules(families, status, name, used);
        }
        labels = used;
        return families.snapshots();
    }

    private static void addHost(Families families, HostStatus status, String name) {
        var host = status.host();
        var labels = Labels.of("host", name);
        families.info.add(
                Labels.of(
                        "agent_version",
                        host.agentVersion(),
                        "host",
                        name,
                        "restic_version",
                        host.resticVersion().orElse("")),
                1);
        if (status.presence() != Presence.AWAITED) {
            families.online.add(labels, status.presence() == Presence.ONLINE);
        }
        families.drift.add(labels, status.drifted());
    }

    private void addSchedules(Families families, HostStatus status, String host, Map<ScheduleId, Labels> used) {
        var rows = figures.of(status.host().id());
        status.schedules().stream()
                .filter(ScheduleBrief::enabled)
                .sorted(Comparator.comparing(ScheduleBrief::name))
                .forEach(schedule -> {
                    var label = label(schedule, host);
                    used.put(schedule.id(), label);
                    Optional.ofNullable(status.outcomes().get(schedule.id()))
                            .ifPresent(last -> families.ok.add(label, last.status() == JobStatus.SUCCEEDED));
                    var due = fleet.nextDue(schedule, status.host().zone());
                    due.filter(until::isAfter).ifPresent(first -> until = first);
                    families.due.addTime(label, due);
                    Optional.ofNullable(rows.get(schedule.id())).ifPresent(row -> {
                        families.failed.add(label.add("kind", schedule.kind().word()), row.failed());
                        addFigures(families, label, row);
                    });
                });
    }

    private static void addFigures(Families families, Labels label, FigureDao.ScheduleRow row) {
        families.succeeded.addTime(label, row.succeededAt());
        families.duration.add(label, duration(row));
        families.missed.add(label, row.missed());
        families.files.add(label, row.files());
        families.bytes.add(label, row.bytes());
    }

    private static Optional<Double> duration(FigureDao.ScheduleRow row) {
        return row.startedAt()
                .flatMap(start -> row.finishedAt()
                        .map(end -> Math.max(0, Duration.between(start, end).toMillis() / 1000.0)));
    }

    private Labels label(ScheduleBrief schedule, String host) {
        var known = labels.get(schedule.id());
        boolean same = known != null
                && known.getValue(0).equals(host)
                && known.getValue(1).equals(schedule.name());
        return same ? known : Labels.of(SCHEDULE, new String[] {host, schedule.name()});
    }
}
