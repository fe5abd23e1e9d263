package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryProber;
import io.resticfleet.server.schedule.HostBackup;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * Adds the jobs that users, and this server, want, and cancels jobs. Those that agents want are added by {@link AgentJobs}.
 *
 * <p>A job is stored before it is sent. It is sent when its host is connected and its repository is free for it, and
 * again if the agent turns out not to have it; the agent runs each job once. Agents limit themselves to one job at a
 * time; the server only coordinates the hosts that share a repository.
 */
public final class Dispatcher implements RepositoryProber {

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Repositories repositories;
    private final Agents agents;
    private final Audit audit;
    private final RepositoryQueue queue;
    private final InstantSource clock;

    public Dispatcher(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Repositories repositories,
            Agents agents,
            Audit audit,
            RepositoryQueue queue,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.repositories = repositories;
        this.agents = agents;
        this.audit = audit;
        this.queue = queue;
        this.clock = clock;
    }

    /**
     * Runs a schedule now. Returns the waiting run if there already is one.
     *
     * @return the job's id
     * @throws Problem 404, or 409 {@code schedule_disabled}, {@code host_offline} or {@code restored_undecided}
     */
    public JobId runSchedule(Actor actor, HostId hostId, ScheduleId scheduleId) {
        var schedule = schedules.get(hostId, scheduleId);
        if (!schedule.enabled()) {
            throw Problem.conflict(
                    "schedule_disabled", "schedule " + schedule.name() + " is disabled; enable it first");
        }
        return request(actor, hostId, schedule.kind(), Optional.of(scheduleId), (tx, id) -> {});
    }

    /**
     * Runs a host's backup now: its only enabled manual one, else its only enabled one.
     *
     * @return the job's id
     * @throws Problem 404, or 409 {@code pick_schedule} or {@code host_offline}
     */
    public JobId runHost(Actor actor, HostId hostId) {
        hosts.get(hostId);
        var backups = db.read(handle -> schedules.all(handle, hostId)).stream()
                .filter(schedule -> schedule.kind() == JobKind.BACKUP && schedule.enabled())
                .toList();
        var pick = HostBackup.pick(backups, Schedule::manual)
                .orElseThrow(() -> Problem.conflict(
                        "pick_schedule",
                        backups.isEmpty()
                                ? "this host has no enabled backup schedule; make one first"
                                : "this host has several backup schedules; run one of them"));
        return runSchedule(actor, hostId, pick.id());
    }

    /**
     * Runs an operation that needs no schedule. If exactly one enabled schedule of its kind has hooks, it is run, as the hooks
     * may mount the repository.
     *
     * @return the job's id
     * @throws Problem 404, 400 {@code invalid_kind}, or 409 {@code host_offline} or {@code restored_undecided}
     */
    public JobId runOnce(Actor actor, HostId hostId, JobKind kind) {
        hosts.get(hostId);
        if (!kind.oneShot()) {
            throw Problem.invalid(
                    "invalid_kind",
                    kind == JobKind.RESTORE
                            ? "a restore needs a snapshot and paths: POST /api/restores"
                            : "a " + kind.word() + " needs a schedule; run a schedule of this kind");
        }
        var hooked = db.read(handle -> schedules.all(handle, hostId)).stream()
                .filter(schedule -> schedule.kind() == kind
                        && schedule.enabled()
                        && !schedule.hooks().isEmpty())
                .toList();
        var schedule = Optional.of(hooked)
                .filter(found -> found.size() == 1)
                .map(found -> found.get(0).id());
        return request(actor, hostId, kind, schedule, (tx, id) -> {});
    }

    /**
     * Removes all locks of a host's repository, also those in use, which breaks the jobs that hold them.
     *
     * @return the job's id
     * @throws Problem 404, or 409 {@code host_offline}
     */
    public JobId removeAllLocks(Actor actor, HostId hostId) {
        hosts.get(hostId);
        return request(actor, hostId, JobKind.UNLOCK, Optional.empty(), options(new JobSpec.Unlock(true)));
    }

    private static BiConsumer<Handle, JobId> options(JobSpec spec) {
        return (tx, id) -> tx.attach(JobDao.class).options(id, JobOptions.write(spec));
    }

    /**
     * Cancels a job.
     *
     * @throws Problem 404, or 409 {@code job_ended} or {@code host_offline}
     */
    public void cancel(Actor actor, JobId id) {
        var job = db.write(tx -> {
            var found = tx.attach(JobDao.class).find(id).orElseThrow(() -> Problem.notFound("job " + id));
            if (found.status().ended()) {
                throw Problem.conflict(
                        "job_ended",
                        "job " + id + " has ended: " + found.status().word());
            }
            boolean agentKnows = found.sentAt().isPresent() || found.trigger().byDueTime();
            if (agentKnows && !agents.connected(found.hostId())) {
                throw offline(found.hostId());
            }
            tx.attach(JobDao.class).cancelRequested(id, actor.name(), clock.instant());
            if (!agentKnows) {
                tx.attach(JobDao.class).end(id, JobStatus.CANCELLED, "cancelled by " + actor.name(), clock.instant());
            }
            audit.record(
                    tx,
                    actor,
                    "job.cancel",
                    found.hostId(),
                    id,
                    Map.of("kind", found.kind().word()));
            return found;
        });
        agents.send(job.hostId(), new ToAgent.CommandCancel(id)); // sent again at its next hello
        freed(job.hostId());
    }

    /**
     * Sends the jobs that can run now, after a job at this host's repository may have ended or the host has connected.
     */
    @Override
    public void freed(HostId hostId) {
        queue.send(hostId);
    }

    /** Sends the jobs that can run now, after a job at this repository may have ended. */
    @Override
    public void freedAt(RepositoryId repositoryId) {
        queue.sendAt(repositoryId);
    }

    /** Records that a job has accessed this repository, so that it exists. */
    public void found(RepositoryId repositoryId) {
        queue.found(repositoryId);
    }

    private JobId request(
            Actor actor,
            HostId hostId,
            JobKind kind,
            Optional<ScheduleId> scheduleId,
            BiConsumer<Handle, JobId> created) {
        return request(actor, hostId, kind, scheduleId, tx -> repository(tx, hostId, scheduleId), created);
    }

    /**
     * Adds a job that a user requests, and starts it as soon as its repository is free for it.
     *
     * @param repository the one it uses
     * @param created called in the transaction that adds the job
     * @throws Problem 409 {@code host_offline} or {@code restored_undecided}
     */
    JobId request(
            Actor actor,
            HostId hostId,
            JobKind kind,
            Optional<ScheduleId> scheduleId,
            Function<Handle, Optional<HostRepository>> repository,
            BiConsumer<Handle, JobId> created) {
        if (!agents.connected(hostId)) {
            throw offline(hostId);
        }
        var id = db.write(tx -> {
            scheduleId.ifPresent(schedule -> schedules.refuseWhileWaiting(tx, hostId));
            var waiting = scheduleId.flatMap(schedule -> tx.attach(JobDao.class).queuedOfSchedule(hostId, schedule));
            if (waiting.isPresent()) {
                return waiting.get().id();
            }
            var job = new NewJob(
                    new JobId(db.newId()),
                    hostId,
                    scheduleId,
                    kind,
                    JobStatus.QUEUED,
                    JobTrigger.MANUAL,
                    Optional.empty(),
                    clock.instant(),
                    Optional.of(actor.name()),
                    repository.apply(tx));
            tx.attach(JobDao.class).insert(job);
            created.accept(tx, job.id());
            audit.record(
                    tx,
                    actor,
                    "job.run",
                    hostId,
                    job.id(),
                    Map.of(
                            "kind",
                            kind.word(),
                            "schedule",
                            scheduleId.map(ScheduleId::value).orElse("")));
            return job.id();
        });
        freed(hostId);
        return id;
    }

    /**
     * Adds a job of a host at one of its repositories, and starts it as soon as that is free for it.
     *
     * @param detail for the audit log
     * @return the job's id
     * @throws Problem 409 {@code host_offline}
     */
    public JobId order(Actor actor, HostId hostId, RepositoryId repositoryId, JobSpec spec, Map<String, ?> detail) {
        if (!agents.connected(hostId)) {
            throw offline(hostId);
        }
        var id = db.write(tx -> {
            var job = new NewJob(
                    new JobId(db.newId()),
                    hostId,
                    Optional.empty(),
                    spec.kind(),
                    JobStatus.QUEUED,
                    JobTrigger.MANUAL,
                    Optional.empty(),
                    clock.instant(),
                    Optional.of(actor.name()),
                    repositories.pick(tx, hostId, Optional.of(repositoryId)));
            tx.attach(JobDao.class).insert(job);
            options(spec).accept(tx, job.id());
            var all = new LinkedHashMap<String, Object>(detail);
            all.put("kind", spec.kind().word());
            audit.record(tx, actor, "job.run", hostId, job.id(), all);
            return job.id();
        });
        freed(hostId);
        return id;
    }

    @Override
    public JobId probe(Handle tx, Actor actor, HostId hostId, RepositoryUrl url) {
        var job = new NewJob(
                new JobId(db.newId()),
                hostId,
                Optional.empty(),
                JobKind.PROBE,
                JobStatus.QUEUED,
                JobTrigger.MANUAL,
                Optional.empty(),
                clock.instant(),
                Optional.of(actor.name()),
                Optional.empty(), // not a use of the repository yet
                Optional.of(url.value()));
        tx.attach(JobDao.class).insert(job);
        audit.record(
                tx,
                actor,
                "job.run",
                hostId,
                job.id(),
                Map.of("kind", job.kind().word(), "repository", url.value()));
        return job.id();
    }

    /** The repository that a job of a host uses, by its schedule; empty if the host has none, or not that one. */
    Optional<HostRepository> repository(Handle handle, HostId hostId, Optional<ScheduleId> scheduleId) {
        return repositories.pick(
                handle,
                hostId,
                scheduleId.flatMap(id -> schedules.find(handle, hostId, id)).flatMap(Schedule::repositoryId));
    }

    private static Problem offline(HostId hostId) {
        return Problem.conflict(
                "host_offline",
                "host " + hostId + " is not connected; its schedules still run, but this needs a connection");
    }
}
