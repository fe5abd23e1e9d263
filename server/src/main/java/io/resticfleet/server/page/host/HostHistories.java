package io.resticfleet.server.page.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.BackupCount;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.status.HostStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Reads the history of hosts for their cards. Safe for use by many threads. */
public final class HostHistories {

    private static final int MAX_SHARED = 2_000;

    private final Database db;
    private final JobSummaries summaries;
    private final Map<HistoryStrip.Day, HistoryStrip.Day> days = new ConcurrentHashMap<>();

    public HostHistories(Database db, JobSummaries summaries) {
        this.db = db;
        this.summaries = summaries;
    }

    /** By host id. */
    Map<HostId, HostHistory> of(Viewer viewer, List<HostStatus> statuses) {
        if (statuses.isEmpty()) {
            return Map.of();
        }
        var ids = statuses.stream().map(status -> status.host().id()).toList();
        return db.read(handle -> handle.inTransaction(tx -> {
            var backups =
                    summaries.backupsByDay(tx, ids, HistoryStrip.first(viewer), viewer.today(), viewer.zone()).stream()
                            .collect(Collectors.groupingBy(BackupCount::hostId));
            var sizes = sizes(summaries.lastGoodBySchedule(tx, ids));
            var lastGood = summaries.lastGood(tx, ids);
            return statuses.stream()
                    .map(HostStatus::host)
                    .collect(Collectors.toMap(
                            host -> host.id(),
                            host -> new HostHistory(
                                    HistoryStrip.of(
                                            viewer,
                                            host.createdAt(),
                                            backups.getOrDefault(host.id(), List.of()),
                                            this::shared),
                                    Optional.ofNullable(sizes.get(host.id())),
                                    Optional.ofNullable(lastGood.get(host.id())).flatMap(Job::finishedAt))));
        }));
    }

    private HistoryStrip.Day shared(HistoryStrip.Day day) {
        if (days.size() >= MAX_SHARED) {
            days.clear(); // most belong to past weeks
        }
        return Optional.ofNullable(days.putIfAbsent(day, day)).orElse(day);
    }

    private static Map<HostId, Long> sizes(List<Job> jobs) {
        return jobs.stream()
                .filter(job -> job.backupResult().isPresent())
                .collect(Collectors.groupingBy(
                        Job::hostId,
                        Collectors.summingLong(
                                job -> job.backupResult().orElseThrow().totalBytesProcessed())));
    }
}
