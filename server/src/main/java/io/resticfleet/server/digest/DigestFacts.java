package io.resticfleet.server.digest;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.channel.Channel;
import io.resticfleet.server.channel.DigestEvery;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StoredJson;
import io.resticfleet.server.drill.Recoveries;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostState;
import io.resticfleet.server.status.HostStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds what a digest is about. */
public final class DigestFacts {

    /** How long before the time a job may have begun, or been due, that ended in it. */
    private static final Duration ID_SLACK = Duration.ofDays(7);

    private static final Duration RECENTLY_PROVEN = Duration.ofDays(30);
    private static final Set<HostState> WAITING =
            Set.of(HostState.NEVER_SEEN, HostState.NOT_YET, HostState.WAITING, HostState.UNPROTECTED);

    private final Database db;
    private final Fleet fleet;
    private final Alerts alerts;
    private final Recoveries recoveries;

    public DigestFacts(Database db, Fleet fleet, Alerts alerts, Recoveries recoveries) {
        this.db = db;
        this.fleet = fleet;
        this.alerts = alerts;
        this.recoveries = recoveries;
    }

    /** The digest of a channel: of the hosts and schedules that its filters name, or of all. */
    Digest of(Channel channel, DigestEvery every, Instant from, Instant until) {
        var hosts = fleet.now().hosts().stream().filter(wanted(channel)).toList();
        var ids = hosts.stream().map(host -> host.host().id()).toList();
        var json = StoredJson.write(ids);
        var sinceId = Ulid.min(from.minus(ID_SLACK).toEpochMilli()).toString();
        var runs = db.read(handle -> handle.attach(DigestDao.class).runs(json, sinceId, from, until));
        var growth = db.read(handle -> handle.attach(DigestDao.class).growth(json, from));
        var open = open(channel, Set.copyOf(ids));
        var proven = recoveries.of(ids).values();
        return new Digest(
                every,
                from,
                until,
                hosts.size(),
                (int) hosts.stream().filter(host -> host.state().good()).count(),
                open.stream().filter(alert -> alert.acknowledged().isEmpty()).toList(),
                open.stream().filter(alert -> alert.acknowledged().isPresent()).toList(),
                backups(hosts, runs),
                others(runs),
                growth,
                (int) proven.stream()
                        .filter(host -> host.provenSince()
                                .filter(at -> at.isAfter(until.minus(RECENTLY_PROVEN)))
                                .isPresent())
                        .count(),
                names(
                        hosts,
                        host -> proven.stream()
                                .anyMatch(one -> one.hostId().equals(host.host().id())
                                        && !one.unproven().isEmpty())),
                names(hosts, host -> WAITING.contains(host.state())),
                hosts.stream().flatMap(host -> host.nextBackup().stream()).min(Instant::compareTo));
    }

    private static Predicate<HostStatus> wanted(Channel channel) {
        return host ->
                channel.hosts().filter(ids -> !ids.contains(host.host().id())).isEmpty()
                        && channel.tags().filter(tags -> !tagged(host, tags)).isEmpty();
    }

    private static boolean tagged(HostStatus host, List<String> tags) {
        return host.schedules().stream()
                .anyMatch(schedule -> schedule.tags().stream().anyMatch(tags::contains));
    }

    /** Those about the server go to channels without a filter only. */
    private List<Alert> open(Channel channel, Set<HostId> ids) {
        boolean filtered = channel.hosts().isPresent() || channel.tags().isPresent();
        return alerts.open().stream()
                .filter(alert -> alert.severity().compareTo(channel.minSeverity()) >= 0)
                .filter(alert ->
                        !filtered || alert.subject().concerns().stream().anyMatch(ids::contains))
                .toList();
    }

    private static List<String> names(List<HostStatus> hosts, Predicate<HostStatus> which) {
        return hosts.stream()
                .filter(which)
                .map(host -> host.host().name())
                .sorted()
                .toList();
    }

    private static List<Digest.HostBackups> backups(List<HostStatus> hosts, List<DigestDao.Runs> runs) {
        var byHost = runs.stream()
                .filter(run -> run.kind() == JobKind.BACKUP)
                .collect(Collectors.groupingBy(DigestDao.Runs::hostId));
        return hosts.stream()
                .map(host -> backups(
                        host.host().name(), byHost.getOrDefault(host.host().id(), List.of())))
                .sorted(Comparator.comparing(Digest.HostBackups::host))
                .toList();
    }

    private static Digest.HostBackups backups(String name, List<DigestDao.Runs> runs) {
        return new Digest.HostBackups(
                name,
                count(runs, JobStatus.SUCCEEDED),
                count(runs, JobStatus.PARTIAL),
                count(runs, JobStatus.FAILED) + count(runs, JobStatus.INTERRUPTED),
                count(runs, JobStatus.MISSED),
                runs.stream().mapToLong(DigestDao.Runs::added).sum());
    }

    private static int count(Collection<DigestDao.Runs> runs, JobStatus status) {
        return runs.stream()
                .filter(run -> run.status() == status)
                .mapToInt(DigestDao.Runs::count)
                .sum();
    }

    private static List<Digest.KindRuns> others(List<DigestDao.Runs> runs) {
        Map<JobKind, List<DigestDao.Runs>> byKind = runs.stream()
                .filter(run -> run.kind() != JobKind.BACKUP && run.status() != JobStatus.CANCELLED)
                .collect(Collectors.groupingBy(DigestDao.Runs::kind, TreeMap::new, Collectors.toList()));
        return byKind.entrySet().stream()
                .map(entry -> {
                    int succeeded = count(entry.getValue(), JobStatus.SUCCEEDED);
                    int all = entry.getValue().stream()
                            .mapToInt(DigestDao.Runs::count)
                            .sum();
                    return new Digest.KindRuns(entry.getKey(), succeeded, all - succeeded);
                })
                .toList();
    }
}
