package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobOrder;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.repository.RepositoryRow;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides which jobs may use a repository now. Forget, prune and check need exclusive access; other jobs share it once
 * it is known to exist: the first may have to create it, and two concurrent {@code restic init} often leave a
 * repository that cannot be opened.
 *
 * <p>First come, first served: a waiting job is not overtaken by jobs that exclude it, unless its host is not connected. A
 * job that was sent, or runs, keeps others out for as long as its agent renews its lease ({@link JobLeases}), which outlasts a
 * short loss of the connection. Jobs do not wait for a job that a host made up, has not started in time, or does not end
 * although it was cancelled; restic's own locks then exclude conflicts. Jobs of one host never wait for each other here, as
 * its agent runs one at a time.
 */
public final class RepositoryQueue {

    /** How long others wait at most for a forget, prune or check that was sent and has not started. */
    static final Duration EXCLUSIVE_LEASE = Duration.ofDays(1);

    /** How long a forget, prune or check waits at most for another job that was sent and has not started. */
    private static final Duration SHARED_LEASE = Duration.ofDays(7);

    /** How long others wait at most for a job that was cancelled. An agent stops restic within a minute. */
    static final Duration CANCEL_LEASE = Duration.ofMinutes(5);

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Repositories repositories;
    private final RepositoryChanges changes;
    private final ReadParts readParts;
    private final Agents agents;
    private final JobLeases leases;
    private final InstantSource clock;

    /** Ids of repositories that are known to exist. */
    private final Set<RepositoryId> found = ConcurrentHashMap.newKeySet();

    public RepositoryQueue(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Repositories repositories,
            RepositoryChanges changes,
            ReadParts readParts,
            Agents agents,
            JobLeases leases,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.repositories = repositories;
        this.changes = changes;
        this.readParts = readParts;
        this.agents = agents;
        this.leases = leases;
        this.clock = clock;
    }

    /**
     * Sends every job that may run now at this host's repositories, or of this host at another. One thread at a time, so
     * that two conflicting jobs cannot both start.
     */
    synchronized void send(HostId hostId) {
        var ids = db.read(handle -> repositories.all(handle, hostId)).stream()
                .map(HostRepository::id)
                .toList();
        ids.forEach(id -> sendFrom(db.read(handle -> handle.attach(JobDao.class).openAround(id, hostId))));
        if (ids.isEmpty()) {
            sendFrom(db.read(handle -> handle.attach(JobDao.class).openOfHost(hostId)));
        }
    }

    /** Sends every job that may run now at a repository. */
    synchronized void sendAt(RepositoryId repositoryId) {
        sendFrom(db.read(handle -> handle.attach(JobDao.class).openOfRepository(repositoryId)));
    }

    /** Records that a repository exists, and sends the jobs that waited for that. */
    void found(RepositoryId repositoryId) {
        if (found.add(repositoryId)) {
            sendAt(repositoryId);
        }
    }

    /** Checks all waiting jobs, to cover changes without an event, such as another repository. */
    public void sweep() {
        db.read(handle -> handle.attach(JobDao.class).hostsWaiting()).forEach(this::send);
    }

    /**
     * A job in the queue of a repository.
     *
     * @param waitsFor the job that it waits for; absent if it does not wait, or not for a job
     * @param lease how much longer others wait for it, unless its agent renews this; absent if it waits itself, or others do
     *     not wait for it
     */
    public record Item(Job job, Optional<Job> waitsFor, Optional<Duration> lease) {

        /** Whether it was sent to its agent, or runs. */
        public boolean isStarted() {
            return started(job);
        }
    }

    /** The jobs at a repository that have not ended: those that were sent or run, then those that wait, in their order. */
    public List<Item> items(RepositoryId repositoryId) {
        var open = db.read(handle -> handle.attach(JobDao.class).openOfRepository(repositoryId));
        return open.stream()
                .sorted(Comparator.comparing(job -> !started(job)))
                .map(job -> new Item(
                        job,
                        open.stream()
                                .filter(other -> job.waitsForJobId().equals(Optional.of(other.id())))
                                .findFirst(),
                        started(job) ? lease(job) : Optional.empty()))
                .toList();
    }

    private void sendFrom(List<Job> open) {
        var started = open.stream().filter(RepositoryQueue::started).collect(Collectors.toCollection(ArrayList::new));
        var before = new ArrayList<Job>();
        for (var job : open) {
            if (!started(job) && agents.isReady(job.hostId())) {
                if (isOfOtherMaintainer(job)) {
                    cancel(job, "another machine looks after the repository now, and only that one may do this");
                    continue;
                }
                var blocker = Stream.concat(before.stream(), started.stream())
                        .filter(other -> conflicts(job, other))
                        .findFirst();
                if (blocker.isPresent()) {
                    hold(job, blocker.get());
                } else if (start(job)) {
                    started.add(job);
                } else {
                    continue; // cancelled, or it waits for something else: nobody waits for it
                }
            }
            before.add(job);
        }
    }

    /** Whether only another host may do this since the repository has another maintainer. */
    private boolean isOfOtherMaintainer(Job job) {
        return job.kind().removes()
                && job.repositoryId()
                        .flatMap(repositories::find)
                        .flatMap(RepositoryRow::maintainerHostId)
                        .filter(maintainer -> !maintainer.equals(job.hostId()))
                        .isPresent();
    }

    private boolean conflicts(Job job, Job other) {
        return !job.hostId().equals(other.hostId())
                && !Collections.disjoint(job.repositories(), other.repositories())
                && job.kind() != JobKind.PROBE
                && other.kind() != JobKind.PROBE
                && holds(other)
                && (isExclusive(job, other) || !exists(job));
    }

    /** Whether others wait for a job. A running one can take days, while its agent renews its lease. */
    private boolean holds(Job job) {
        return started(job) ? lease(job).isPresent() : mayHold(job) && agents.connected(job.hostId());
    }

    /** How long others wait for a job that was sent or runs, if its agent does not renew the lease; empty if they do not. */
    private Optional<Duration> lease(Job job) {
        var limit = job.kind().exclusive() ? EXCLUSIVE_LEASE : SHARED_LEASE;
        return mayHold(job) && (job.status() == JobStatus.RUNNING || !isOver(job.sentAt(), limit))
                ? leases.remaining(job.hostId(), job.id())
                : Optional.empty();
    }

    private boolean mayHold(Job job) {
        return job.expected() && !isOver(job.cancelRequestedAt(), CANCEL_LEASE);
    }

    private boolean isOver(Optional<Instant> since, Duration lease) {
        return since.filter(at -> at.plus(lease).isBefore(clock.instant())).isPresent();
    }

    private static boolean isExclusive(Job job, Job other) {
        return job.kind().exclusive() || other.kind().exclusive();
    }

    private boolean exists(Job job) {
        var id = job.repositoryId();
        if (id.isEmpty() || found.contains(id.get())) {
            return true;
        }
        boolean reached = db.read(handle -> handle.attach(JobDao.class).reached(id.get()));
        if (reached) {
            found.add(id.get());
        }
        return reached;
    }

    /** Whether a job was sent to its agent, or runs. */
    static boolean started(Job job) {
        return job.sentAt().isPresent() || job.status() == JobStatus.RUNNING;
    }

    private void hold(Job job, Job blocker) {
        var reason = "waits for the " + blocker.kind().word() + " of host "
                + hosts.find(blocker.hostId())
                        .map(host -> host.name())
                        .orElse(blocker.hostId().value())
                + (isExclusive(job, blocker) ? "" : ", the first")
                + " at the same repository";
        boolean isNew = !job.waitingFor().equals(Optional.of(reason));
        if (isNew || !job.waitsForJobId().equals(Optional.of(blocker.id()))) {
            db.change(tx -> tx.attach(JobDao.class).waits(job.id(), reason, blocker.id(), clock.instant()));
            if (isNew && job.trigger().byDueTime()) {
                agents.send(job.hostId(), new ToAgent.CommandHold(job.id(), reason));
            }
        }
    }

    /** Sends a job that may run. Returns whether it was sent. */
    private boolean start(Job job) {
        if (job.kind() == JobKind.PROBE) {
            return startProbe(job);
        }
        if (db.read(handle -> schedules.waitsSince(handle, job.hostId())).isPresent()) {
            return startByAgent(job);
        }
        var schedule = db.read(handle -> job.scheduleId().flatMap(id -> schedules.find(handle, job.hostId(), id)));
        if (job.scheduleId().isPresent() && schedule.isEmpty()) {
            cancel(job, "the schedule was deleted before the job began");
            return false;
        }
        if (schedule.isPresent() && !schedule.get().enabled()) {
            cancel(job, "the schedule was disabled before the job began");
            return false;
        }
        return send(job, schedule.map(due -> scheduled(job, due)).orElseGet(() -> once(job)));
    }

    /** A probe of a host that may know more than this database waits until it is decided whose schedules apply. */
    private boolean startProbe(Job job) {
        if (db.read(handle -> schedules.waitsSince(handle, job.hostId())).isPresent()) {
            return false;
        }
        var candidate = db.read(handle -> changes.candidate(handle, job.hostId(), job.id()));
        if (candidate.isEmpty()) {
            cancel(
                    job,
                    "not needed any more: the change was discarded, replaced, or applied without a test, or it cannot be read");
            return false;
        }
        if (!agents.supports(job.hostId(), JobKind.PROBE.feature().orElseThrow())) {
            cancel(job, "the agent is too old to test a repository; upgrade it, or save the change without a test");
            return false;
        }
        return send(job, new JobSpec.Probe(candidate.get(), isTest(job)));
    }

    /** Whether a probe tries the repository as it is, and not a change. */
    private boolean isTest(Job job) {
        return db.read(handle -> changes.find(handle, job.hostId()))
                .filter(RepositoryChanges.Pending::test)
                .isPresent();
    }

    /**
     * Starts a job of a host that may know more than this database: a run that its agent fired uses the agent's own
     * schedule; a job of a schedule that was not sent yet waits.
     */
    private boolean startByAgent(Job job) {
        if (job.trigger().byDueTime()) {
            return send(job, new JobOrder.AsHeld(job.kind()));
        }
        return job.scheduleId().isEmpty() && send(job, once(job));
    }

    /** What a run of a schedule does; of a check, with the part of the data to read, which is stored with the job. */
    private JobSpec scheduled(Job job, Schedule schedule) {
        var part = job.repositoryId().flatMap(id -> readParts.next(id, job.hostId(), schedule));
        if (part.isEmpty()) {
            return JobSpec.of(schedule);
        }
        db.change(tx ->
                tx.attach(JobDao.class).options(job.id(), JobOptions.write(new JobSpec.Check(Optional.empty(), part))));
        return new JobSpec.Check(Optional.of(schedule), part);
    }

    private JobSpec once(Job job) {
        return db.read(handle -> handle.attach(JobDao.class).options(job.id()))
                .map(JobOptions::read)
                .orElseGet(() -> JobSpec.once(job.kind()));
    }

    /** A copy does not copy what retention has removed from its target. */
    private JobOrder withoutRemoved(Job job, JobOrder order) {
        return order instanceof JobSpec.Copy copy && job.repositoryId().isPresent()
                ? copy.without(db.read(handle -> handle.attach(JobDao.class)
                        .removedCopies(job.repositoryId().get(), copy.to(), Protocol.MAX_REMOVED)))
                : order;
    }

    private boolean send(Job job, JobOrder wanted) {
        var order = withoutRemoved(job, wanted);
        if (order.feature()
                .filter(feature -> !agents.supports(job.hostId(), feature))
                .isPresent()) {
            cancel(job, "the agent is too old for this job; upgrade it");
            return false;
        }
        if (db.write(tx -> tx.attach(JobDao.class).sent(job.id(), clock.instant())) == 0) {
            return false; // cancelled meanwhile
        }
        leases.renew(job.hostId(), List.of(job.id()));
        agents.send(
                job.hostId(), new ToAgent.CommandRun(job.id(), order, job.trigger(), job.dueAt(), job.repositoryId()));
        return true;
    }

    private void cancel(Job job, String reason) {
        db.change(tx -> tx.attach(JobDao.class).end(job.id(), JobStatus.CANCELLED, reason, clock.instant()));
        agents.send(job.hostId(), new ToAgent.CommandRefuse(job.id(), reason));
    }
}
