package io.resticfleet.server.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Credentials;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Runs and how they ended, as their agents report them.
 *
 * <p>Each result may come more than once, late, and for a job never heard of: the agent runs schedules without us. It is
 * acknowledged once it is committed.
 */
public final class Jobs {

    private final Database db;
    private final Credentials credentials;
    private final Dispatcher dispatcher;
    private final JobEvents events;
    private final InstantSource clock;

    public Jobs(Database db, Credentials credentials, Dispatcher dispatcher, JobEvents events, InstantSource clock) {
        this.db = db;
        this.credentials = credentials;
        this.dispatcher = dispatcher;
        this.events = events;
        this.clock = clock;
    }

    /** Which jobs to list; what is absent does not matter. */
    public record Filter(Optional<String> hostId, Optional<JobKind> kind, Optional<JobStatus> status) {}

    /** @throws Problem 404 */
    public Job get(String id) {
        return db.read(handle -> handle.attach(JobDao.class).find(id)).orElseThrow(() -> Problem.notFound("job " + id));
    }

    /** Newest first. */
    public Page<Job> list(Filter filter, Page.Request page) {
        var rows = db.read(handle -> handle.attach(JobDao.class)
                .list(filter.hostId(), filter.kind(), filter.status(), page.cursor(), page.limit() + 1));
        return Page.of(rows, page, Job::id);
    }

    /** How far a running job was when it last said so; empty if it has not. */
    public Optional<ToServer.JobProgress> progress(String id) {
        return events.progress(id);
    }

    /** The backup of each host that ended last, whatever came of it. */
    public Map<String, Job> lastBackups() {
        return db.read(handle -> handle.attach(JobDao.class).lastBackups()).stream()
                .collect(Collectors.toMap(Job::hostId, Function.identity()));
    }

    public Optional<Job> lastBackup(String hostId) {
        return db.read(handle -> handle.attach(JobDao.class).lastBackup(hostId));
    }

    public void started(AgentConnection connection, ToServer.JobStarted started) {
        record(connection, started, (tx) -> {
            forgetMissed(tx, connection.hostId(), started.scheduleId(), started.dueAt(), started.jobId());
            tx.attach(JobDao.class).started(connection.hostId(), started, url(tx, connection), clock.instant());
        });
        events.changed(started.jobId());
    }

    public void progressed(AgentConnection connection, ToServer.JobProgress progress) {
        if (ownedBy(connection.hostId(), progress.jobId())) {
            events.progressed(progress);
        }
    }

    public void finished(AgentConnection connection, ToServer.JobFinished finished) {
        record(connection, finished, tx -> {
            forgetMissed(tx, connection.hostId(), finished.scheduleId(), finished.dueAt(), finished.jobId());
            tx.attach(JobDao.class)
                    .finished(
                            connection.hostId(),
                            finished,
                            JobRow.write(finished.stats()),
                            url(tx, connection),
                            clock.instant());
        });
        ended(connection.hostId(), finished.jobId());
    }

    public void missed(AgentConnection connection, ToServer.JobMissed missed) {
        record(connection, missed, tx -> {
            forgetMissed(
                    tx,
                    connection.hostId(),
                    Optional.of(missed.scheduleId()),
                    Optional.of(missed.dueAt()),
                    missed.jobId());
            tx.attach(JobDao.class).missed(connection.hostId(), missed, clock.instant());
        });
        ended(connection.hostId(), missed.jobId());
    }

    /**
     * Gives the whole id of a snapshot to the jobs that know only its first digits.
     *
     * @param ids whole ids by their first 8 digits
     */
    public void nameSnapshots(Handle tx, String hostId, Map<String, String> ids) {
        var dao = tx.attach(JobDao.class);
        for (var shortId : dao.shortSnapshotIds(hostId)) {
            Optional.ofNullable(ids.get(shortId)).ifPresent(id -> dao.nameSnapshot(hostId, shortId, id));
        }
    }

    private void record(AgentConnection connection, ToServer.Result result, Consumer<Handle> change) {
        db.change(change);
        connection.send(new ToAgent.EventAck(result.sequence()));
    }

    private void ended(String hostId, String jobId) {
        events.ended(jobId);
        dispatcher.freed(hostId);
    }

    private boolean ownedBy(String hostId, String jobId) {
        return db.read(handle -> handle.attach(JobDao.class).find(jobId))
                .filter(job -> job.hostId().equals(hostId) && !job.status().ended())
                .isPresent();
    }

    private Optional<String> url(Handle tx, AgentConnection connection) {
        return credentials.url(tx, connection.hostId());
    }

    private static void forgetMissed(
            Handle tx, String hostId, Optional<String> scheduleId, Optional<Instant> dueAt, String jobId) {
        if (scheduleId.isPresent() && dueAt.isPresent()) {
            tx.attach(JobDao.class).forgetMissed(hostId, scheduleId.get(), dueAt.get(), jobId);
        }
    }
}
