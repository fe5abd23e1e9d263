package io.resticfleet.server.page.host;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.BackupCount;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes cards of hosts, with what only those that are shown need. */
public final class HostCards {

    private final Database db;
    private final JobSummaries summaries;
    private final Jobs jobs;

    public HostCards(Database db, JobSummaries summaries, Jobs jobs) {
        this.db = db;
        this.summaries = summaries;
        this.jobs = jobs;
    }

    /** In the order given. */
    public List<HostCard> of(Viewer viewer, Collection<HostStatus> statuses) {
        var ids = statuses.stream().map(status -> status.host().id()).toList();
        return db.read(handle -> handle.inTransaction(tx -> {
            var days =
                    summaries.backupsByDay(tx, ids, HistoryStrip.first(viewer), viewer.today(), viewer.zone()).stream()
                            .collect(Collectors.groupingBy(BackupCount::hostId));
            var sizes = sizes(summaries.lastGoodBySchedule(tx, ids));
            var lastGood = summaries.lastGood(tx, ids);
            return statuses.stream()
                    .map(status -> card(
                            status,
                            HistoryStrip.of(
                                    viewer,
                                    status.host().createdAt(),
                                    days.getOrDefault(status.host().id(), List.of())),
                            Optional.ofNullable(sizes.get(status.host().id())),
                            Optional.ofNullable(lastGood.get(status.host().id()))
                                    .flatMap(Job::finishedAt)))
                    .toList();
        }));
    }

    HostCard of(Viewer viewer, HostStatus status) {
        return of(viewer, List.of(status)).get(0);
    }

    private HostCard card(HostStatus status, HistoryStrip strip, Optional<Long> size, Optional<Instant> lastBackup) {
        var host = status.host();
        return new HostCard(
                host.id(),
                host.name(),
                host.hostname(),
                status.state(),
                StateWords.of(status),
                StateWords.more(status),
                status.culprit().map(JobSummary::id),
                status.presence(),
                host.lastSeenAt(),
                lastBackup,
                size,
                status.nextBackup(),
                drift(status),
                status.open().stream().findFirst().map(this::running),
                strip,
                RunNow.of(status),
                status.exposed());
    }

    private HostCard.Running running(JobSummary job) {
        var kind = StateWords.of(job.kind());
        return job.status() == JobStatus.RUNNING
                ? new HostCard.Running(
                        job.id(), kind + " running", jobs.progress(job.id()).map(progress ->
                                (int) Math.round(progress.fractionDone() * 100)))
                : new HostCard.Running(job.id(), kind + " waiting", Optional.empty());
    }

    private static String drift(HostStatus status) {
        if (!status.drifted() || status.presence() == Presence.NEVER_SEEN) {
            return "";
        }
        return status.presence() == Presence.ONLINE
                ? "Its agent has not taken over the newest schedules yet"
                : "Changed schedules take effect when it connects";
    }

    private static Map<String, Long> sizes(List<Job> jobs) {
        return jobs.stream()
                .filter(job -> job.backupResult().isPresent())
                .collect(Collectors.groupingBy(
                        Job::hostId,
                        Collectors.summingLong(
                                job -> job.backupResult().orElseThrow().totalBytesProcessed())));
    }
}
