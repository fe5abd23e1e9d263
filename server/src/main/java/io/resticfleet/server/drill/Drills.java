package io.resticfleet.server.drill;

import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.DrillResult;
import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What drills and backups prove, and the setting of each host's weekly drill. */
public final class Drills {

    static final Duration WEEK = Duration.ofDays(7);

    /** Number of measures that are kept of each host. */
    private static final int MAX_MEASURES = 30;

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Audit audit;
    private final InstantSource clock;

    public Drills(Database db, Hosts hosts, Schedules schedules, Audit audit, InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.audit = audit;
        this.clock = clock;
    }

    /** Records what an ended job proves; in the transaction that stores its end. */
    public void ended(Handle tx, Job job) {
        if (job.status() != JobStatus.SUCCEEDED) {
            return;
        }
        if (job.kind() == JobKind.BACKUP && job.scheduleId().isPresent()) {
            backedUp(tx, job, job.scheduleId().get());
        } else if (job.kind() == JobKind.DRILL && job.stats().orElse(null) instanceof DrillResult result) {
            proven(tx, job, result);
        } else if (job.kind() == JobKind.RESTORE
                && !job.dryRun()
                && job.stats().orElse(null) instanceof RestoreResult result
                && result.files() > 0) {
            measured(tx, job, result.files(), result.bytes(), result.seconds());
        }
    }

    /** A backup without a snapshot saves nothing. */
    private void backedUp(Handle tx, Job job, ScheduleId scheduleId) {
        if (job.snapshotId().isEmpty()) {
            return;
        }
        var result = job.stats().filter(BackupResult.class::isInstance).map(BackupResult.class::cast);
        tx.attach(DrillDao.class)
                .completed(
                        job.id(),
                        new DrillDao.CompleteBackup(
                                scheduleId,
                                job.hostId(),
                                job.repositoryId(),
                                job.snapshotId().get(),
                                notLater(job.startedAt().orElse(job.createdAt())),
                                job.finishedAt().orElseGet(clock::instant),
                                result.map(BackupResult::totalFilesProcessed).orElse(0L),
                                result.map(BackupResult::totalBytesProcessed).orElse(0L)));
    }

    private void proven(Handle tx, Job job, DrillResult result) {
        if (result.files() == 0) {
            return; // proves nothing, whatever the agent says
        }
        var dao = tx.attach(DrillDao.class);
        var at = notLater(job.finishedAt().orElseGet(clock::instant));
        var row = new DrillDao.ProvenRow(
                job.hostId(), DrillDao.ANY, at, result.files(), result.bytes(), result.seconds());
        dao.proven(job.id(), row);
        ofSchedule(tx, job)
                .ifPresent(schedule -> dao.proven(
                        job.id(),
                        new DrillDao.ProvenRow(
                                row.hostId(), schedule.value(), at, row.files(), row.bytes(), row.seconds())));
        result.seconds().ifPresent(seconds -> measured(tx, job, result.files(), result.bytes(), seconds));
        if (job.trigger() == JobTrigger.AUTO) {
            dao.next(job.hostId(), at.plus(WEEK)); // others may be of what it would not have tried
        }
    }

    /** The backup schedule whose snapshot a drill was told to restore; empty for the host's latest. */
    private Optional<ScheduleId> ofSchedule(Handle tx, Job job) {
        return job.drilled()
                .or(() -> job.scheduleId()
                        .flatMap(id -> schedules.find(tx, job.hostId(), id))
                        .flatMap(schedule -> schedule.options().drill())
                        .flatMap(options -> options.ofSchedule()));
    }

    /** Records how long a restore took, for the estimate of a full one. */
    public void measured(Handle tx, Job job, long files, long bytes, double seconds) {
        var dao = tx.attach(DrillDao.class);
        dao.measured(
                job.id(),
                notLater(job.finishedAt().orElseGet(clock::instant)),
                new DrillDao.MeasureRow(job.hostId(), files, bytes, seconds));
        dao.trim(job.hostId(), MAX_MEASURES);
    }

    /** A host's clock may be ahead. */
    private Instant notLater(Instant at) {
        var now = clock.instant();
        return at.isAfter(now) ? now : at;
    }

    /** The settings of these hosts. */
    public Map<HostId, WeeklyDrill> weekly(Collection<HostId> hostIds) {
        if (hostIds.isEmpty()) {
            return Map.of();
        }
        var known = db.read(handle -> handle.attach(DrillDao.class).weekly(hostIds)).stream()
                .collect(Collectors.toMap(DrillDao.WeeklyRow::hostId, DrillDao.WeeklyRow::drill));
        return hostIds.stream()
                .distinct()
                .collect(Collectors.toMap(Function.identity(), id -> known.getOrDefault(id, WeeklyDrill.DEFAULT)));
    }

    public WeeklyDrill weekly(HostId hostId) {
        return weekly(List.of(hostId)).get(hostId);
    }

    /**
     * Changes the setting of a host.
     *
     * @throws io.resticfleet.server.web.Problem 404, or 400 for an invalid sample
     */
    public void change(Actor actor, HostId hostId, WeeklyDrillChange change) {
        change.check();
        db.change(tx -> {
            hosts.get(tx, hostId);
            var dao = tx.attach(DrillDao.class);
            var before = dao.weekly(List.of(hostId)).stream()
                    .findFirst()
                    .map(DrillDao.WeeklyRow::drill)
                    .orElse(WeeklyDrill.DEFAULT);
            var sample = change.sample().orElse(before.sample());
            boolean enabled = change.enabled().orElse(before.enabled());
            dao.set(new DrillDao.WeeklyRow(
                    hostId,
                    enabled,
                    Optional.of(sample).filter(other -> !other.equals(WeeklyDrill.SAMPLE)),
                    clock.instant()));
            audit.record(
                    tx, actor, "host.weekly_drill", hostId, hostId, Map.of("enabled", enabled, "sample", text(sample)));
        });
    }

    private static String text(DrillSample sample) {
        return sample.share()
                        .map(share -> "share " + share)
                        .orElseGet(() -> sample.files().orElse(DrillSample.DEFAULT_FILES) + " files")
                + ", at most " + sample.maxBytes() + " bytes";
    }
}
