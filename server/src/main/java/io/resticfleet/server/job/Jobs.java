package io.resticfleet.server.job;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.repository.RepositoryReport;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs, and the results that agents report.
 *
 * <p>A result may arrive more than once, late, and for an unknown job, as agents run schedules without the server. It
 * is acknowledged after it is committed.
 */
public final class Jobs {

    private static final Logger log = LoggerFactory.getLogger(Jobs.class);

    private static final Duration RETENTION = Duration.ofDays(400);

    private final Database db;
    private final Hosts hosts;
    private final Dispatcher dispatcher;
    private final RunningProgress progress;
    private final ReportedJobs reported;
    private final HostUsage usage;
    private final RepositoryFindings findings;
    private final JobLeases leases;
    private final InstantSource clock;
    private ProbeListener probeListener = (tx, hostId, probe) -> {};
    private BiConsumer<HostId, ScheduleId> backupListener = (hostId, scheduleId) -> {};
    private Consumer<HostId> probeCommitted = hostId -> {};
    private BiConsumer<Handle, Job> keyListener = (tx, job) -> {};
    private Consumer<Job> keyCommitted = job -> {};
    private BiConsumer<Handle, Job> endListener = (tx, job) -> {};

    public Jobs(
            Database db,
            Hosts hosts,
            Dispatcher dispatcher,
            RunningProgress progress,
            ReportedJobs reported,
            HostUsage usage,
            RepositoryFindings findings,
            JobLeases leases,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.dispatcher = dispatcher;
        this.progress = progress;
        this.reported = reported;
        this.usage = usage;
        this.findings = findings;
        this.leases = leases;
        this.clock = clock;
    }

    /** Called in the transaction that stores the end of a probe. */
    public interface ProbeListener {
        void ended(Handle tx, HostId hostId, ToServer.JobFinished probe);
    }

    /**
     * Call it once, before agents connect.
     *
     * @param committed called after the transaction in which {@code listener} was called
     */
    public void onProbe(ProbeListener listener, Consumer<HostId> committed) {
        probeListener = listener;
        probeCommitted = committed;
    }

    /**
     * Call it once, before agents connect.
     *
     * @param listener called in the transaction that stores the end of a step of a change of a password
     * @param committed called after it
     */
    public void onKeyStep(BiConsumer<Handle, Job> listener, Consumer<Job> committed) {
        keyListener = listener;
        keyCommitted = committed;
    }

    /**
     * Call it once, before agents connect.
     *
     * @param listener called in the transaction that stores the end of a job that its agent reports
     */
    public void onEnd(BiConsumer<Handle, Job> listener) {
        endListener = listener;
    }

    /**
     * Call it once, before agents connect.
     *
     * @param listener called after a backup that made a snapshot was stored
     */
    public void onBackup(BiConsumer<HostId, ScheduleId> listener) {
        backupListener = listener;
    }

    /** @throws Problem 404 */
    public Job get(JobId id) {
        return find(id).orElseThrow(() -> Problem.notFound("job " + id));
    }

    /** Newest first. */
    public Page<Job> list(JobFilter filter, Page.Request page) {
        var rows = db.read(handle ->
                handle.attach(JobDao.class).list(filter, page.cursor().orElse(Page.AFTER_ALL_IDS), page.limit() + 1));
        return Page.of(rows, page, job -> job.id().value());
    }

    /** The last progress that the agent reported; empty before the first report, and after the end of the job. */
    public Optional<ToServer.JobProgress> progress(Job job) {
        return job.status().ended() ? Optional.empty() : progress(job.hostId(), job.id());
    }

    /** Like {@link #progress(Job)}, for a job that is known not to have ended. */
    public Optional<ToServer.JobProgress> progress(HostId hostId, JobId jobId) {
        return progress.of(hostId, jobId);
    }

    /** The last ended backup of each of these hosts, with any result. */
    public Map<HostId, Job> lastBackups(Collection<HostId> hostIds) {
        if (hostIds.isEmpty()) {
            return Map.of();
        }
        return db.read(handle -> handle.attach(JobDao.class).lastBackups(hostIds)).stream()
                .collect(Collectors.toMap(Job::hostId, Function.identity()));
    }

    /** The last backup of each schedule of these hosts, if retention of the schedule is held, by host id. */
    public Map<HostId, List<Job>> holdingRetention(Collection<HostId> hostIds) {
        if (hostIds.isEmpty()) {
            return Map.of();
        }
        return db.read(handle -> handle.attach(JobSummaryDao.class).lastGoodBySchedule(hostIds)).stream()
                .filter(job -> Remark.find(job.status(), job.errorCode()).isPresent())
                .collect(Collectors.groupingBy(Job::hostId));
    }

    public void started(AgentConnection connection, ToServer.JobStarted started) {
        leases.renew(connection.hostId(), List.of(started.jobId()));
        record(connection, started, tx -> {
            if (!reported.admits(
                    tx, connection.hostId(), started.jobId(), started.kind(), started.scheduleId(), started.dueAt())) {
                return;
            }
            started.dueAt()
                    .ifPresent(due -> MissedRows.replace(
                            tx, connection.hostId(), started.scheduleId(), due, due, started.jobId()));
            var repository = dispatcher.repository(tx, connection.hostId(), started.scheduleId());
            tx.attach(JobDao.class)
                    .started(
                            connection.hostId(),
                            started,
                            repository.map(HostRepository::id),
                            repository.map(HostRepository::url),
                            reported.isExpected(tx, connection.hostId(), started.kind(), started.scheduleId()),
                            clock.instant());
        });
    }

    public void progressed(AgentConnection connection, ToServer.JobProgress newest) {
        find(newest.jobId())
                .filter(job -> job.hostId().equals(connection.hostId())
                        && !job.status().ended())
                .ifPresent(job -> {
                    progress.reported(connection.hostId(), newest);
                    job.repositoryId().ifPresent(dispatcher::found);
                });
    }

    public void finished(AgentConnection connection, ToServer.JobFinished finished) {
        record(connection, finished, tx -> {
            if (!finished.status().ended()) {
                log.error(
                        "agent reported the end of a job with a status that is no end, ignored job={}",
                        finished.jobId());
                return;
            }
            var id = idOf(tx, connection.hostId(), finished);
            if (!reported.admitsEnd(
                    tx, connection.hostId(), id, finished.kind(), finished.scheduleId(), finished.dueAt())) {
                return;
            }
            finished.dueAt()
                    .ifPresent(due -> MissedRows.replace(
                            tx, connection.hostId(), finished.scheduleId(), due, due, finished.jobId()));
            var repository = dispatcher.repository(tx, connection.hostId(), finished.scheduleId());
            tx.attach(JobDao.class)
                    .finished(
                            id,
                            connection.hostId(),
                            finished,
                            repository.map(HostRepository::id),
                            repository.map(HostRepository::url),
                            clock.instant());
            report(tx, id);
            keyStep(tx.attach(JobDao.class).find(id), connection.hostId())
                    .ifPresent(job -> keyListener.accept(tx, job));
            tx.attach(JobDao.class)
                    .find(id)
                    .filter(job -> job.hostId().equals(connection.hostId())
                            && job.status().ended())
                    .ifPresent(job -> endListener.accept(tx, job));
            if (finished.kind() == JobKind.PROBE) {
                probeListener.ended(tx, connection.hostId(), finished);
            }
        });
        if (opened(finished)) {
            probeCommitted.accept(connection.hostId());
        }
        keyStep(find(finished.jobId()), connection.hostId()).ifPresent(keyCommitted);
        ended(connection.hostId(), finished.jobId());
        if (finished.kind() == JobKind.BACKUP && finished.snapshotId().isPresent()) {
            finished.scheduleId().ifPresent(schedule -> backupListener.accept(connection.hostId(), schedule));
        }
    }

    private static Optional<Job> keyStep(Optional<Job> job, HostId hostId) {
        return job.filter(found -> found.kind() == JobKind.ROTATE_KEY
                && found.hostId().equals(hostId)
                && found.status().ended());
    }

    /** Passes on what an ended job found out about its repository. */
    private void report(Handle tx, JobId id) {
        var dao = tx.attach(JobDao.class);
        var now = clock.instant();
        dao.find(id)
                .ifPresent(job -> job.repositoryId()
                        .ifPresent(repositoryId -> findings.record(
                                tx,
                                new RepositoryReport(
                                        repositoryId,
                                        job.kind(),
                                        job.status(),
                                        job.errorCode().map(ErrorCode.Reported::code),
                                        job.error(),
                                        job.stats(),
                                        dao.options(id).map(JobOptions::read),
                                        job.finishedAt()
                                                .filter(at -> at.isBefore(now))
                                                .orElse(now)))));
    }

    private static boolean opened(ToServer.JobFinished finished) {
        return finished.kind() == JobKind.PROBE && finished.status() == JobStatus.SUCCEEDED;
    }

    /**
     * Returns the job's id, or another one if a run with a different start has already ended under this id, as of a
     * clone that is not detected yet. Neither run may replace the other.
     */
    private static JobId idOf(Handle tx, HostId hostId, ToServer.JobFinished finished) {
        boolean another = tx.attach(JobDao.class)
                .find(finished.jobId())
                .filter(job -> job.hostId().equals(hostId) && job.status().ended())
                .flatMap(Job::startedAt)
                .filter(at -> !finished.startedAt().map(Instant::toEpochMilli).equals(Optional.of(at.toEpochMilli())))
                .isPresent();
        return another ? idOfAnother(finished) : finished.jobId();
    }

    /** Returns an id that is always the same for this run. */
    private static JobId idOfAnother(ToServer.JobFinished finished) {
        var began = finished.startedAt().orElse(finished.finishedAt()).toEpochMilli();
        var hash = UUID.nameUUIDFromBytes((finished.jobId() + "@" + began).getBytes(StandardCharsets.UTF_8));
        var random = ByteBuffer.allocate(Ulid.RANDOM_BYTES)
                .putLong(hash.getLeastSignificantBits())
                .putShort((short) hash.getMostSignificantBits());
        return new JobId(new Ulid(Ulid.getTime(finished.jobId().value()), random.array()).toString());
    }

    public void missed(AgentConnection connection, ToServer.JobMissed missed) {
        record(connection, missed, tx -> {
            if (!reported.admitsEnd(
                    tx,
                    connection.hostId(),
                    missed.jobId(),
                    missed.kind(),
                    Optional.of(missed.scheduleId()),
                    Optional.of(missed.dueAt()))) {
                return;
            }
            MissedRows.replace(
                    tx,
                    connection.hostId(),
                    Optional.of(missed.scheduleId()),
                    missed.since().orElse(missed.dueAt()),
                    missed.dueAt(),
                    missed.jobId());
            var code = reported.codeOf(tx, connection.hostId(), missed);
            var earliest = missed.dueAt().minus(MissedRows.EARLY);
            tx.attach(JobDao.class).missed(connection.hostId(), missed, code, earliest, clock.instant());
        });
        ended(connection.hostId(), missed.jobId());
    }

    /**
     * Completes the snapshot ids of jobs that have only the first digits.
     *
     * @param idOf finds the complete id by its first 8 digits
     */
    public void nameSnapshots(Handle tx, HostId hostId, Function<String, Optional<String>> idOf) {
        var dao = tx.attach(JobDao.class);
        for (var shortId : dao.shortSnapshotIds(hostId)) {
            idOf.apply(shortId).ifPresent(id -> dao.nameSnapshot(hostId, shortId, id));
        }
    }

    /** The last backups of a schedule that made a snapshot, newest first. */
    public List<BackupRun> backups(Handle handle, HostId hostId, ScheduleId scheduleId, int limit) {
        return handle.attach(JobDao.class).backups(hostId, scheduleId, limit);
    }

    /** Records something at a backup; at a partial one, it is added to its error. */
    public void remark(Handle tx, BackupRun backup, Optional<Remark> remark) {
        var dao = tx.attach(JobDao.class);
        if (backup.status() == JobStatus.SUCCEEDED) {
            dao.remark(
                    backup.id(),
                    remark.map(Remark::text),
                    remark.map(found -> found.code().reported()));
        } else {
            remark.filter(Remark::isUnusual).ifPresent(found -> dao.addToError(backup.id(), found.text()));
        }
    }

    /** Deletes old jobs, except each host's last backup. */
    public void expire() {
        int removed = db.write(tx -> tx.attach(JobDao.class)
                .deleteOlder(Ulid.min(clock.instant().minus(RETENTION).toEpochMilli())
                        .toString()));
        progress.retain(hosts.ids());
        if (removed > 0) {
            log.info("old jobs removed jobs={} older_than_days={}", removed, RETENTION.toDays());
        }
    }

    /** Counts and acknowledges a result that can never be stored, as it would otherwise be sent again and again. */
    public void ignored(AgentConnection connection, ToServer.Unstorable result) {
        record(connection, result, tx -> usage.addUnstorable(tx, connection.hostId(), result));
    }

    /** Stores and acknowledges a result. */
    private void record(AgentConnection connection, ToServer.Result result, Consumer<Handle> change) {
        db.change(tx -> {
            change.accept(tx);
            hosts.stored(tx, connection.hostId(), result.sequence());
        });
        connection.send(new ToAgent.EventAck(result.sequence()));
    }

    private void ended(HostId hostId, JobId jobId) {
        find(jobId).filter(job -> job.hostId().equals(hostId)).ifPresent(job -> {
            progress.ended(hostId, jobId);
            job.repositoryId().ifPresent(dispatcher::freedAt); // may differ from the host's present one
        });
        dispatcher.freed(hostId);
    }

    public Optional<Job> find(JobId jobId) {
        return db.read(handle -> handle.attach(JobDao.class).find(jobId));
    }
}
