package io.resticfleet.server.job;

import io.resticfleet.protocol.JobOrder;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who may be at a repository now. Forget, prune and check need it alone; the others share it, once it is known to be there:
 * the first may have to make it, and two {@code restic init} at once leave a repository that often cannot be opened.
 *
 * <p>First come, first served: what waits for its turn is not overtaken by what it must not meet. A host that is not
 * connected is not waited for, since it may never come back; restic's own locks then keep the peace. Jobs of one host
 * never wait for each other here, as its agent runs one at a time.
 */
public final class RepositoryQueue {

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Repositories repositories;
    private final Agents agents;
    private final InstantSource clock;

    /** Ids of repositories that are there. */
    private final Set<String> found = ConcurrentHashMap.newKeySet();

    public RepositoryQueue(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Repositories repositories,
            Agents agents,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.repositories = repositories;
        this.agents = agents;
        this.clock = clock;
    }

    /**
     * Sends every job at this host's repository that may run now, and of this host at others. One thread at a time, so
     * that two jobs cannot both enter.
     */
    synchronized void send(String hostId) {
        sendFrom(db.read(handle -> repositories
                .idOf(handle, hostId)
                .map(id -> handle.attach(JobDao.class).openAround(id, hostId))
                .orElseGet(() -> handle.attach(JobDao.class).openOfHost(hostId))));
    }

    /** Sends every job at a repository that may run now. */
    synchronized void sendAt(String repositoryId) {
        sendFrom(db.read(handle -> handle.attach(JobDao.class).openOfRepository(repositoryId)));
    }

    /** A job has shown that this repository is there: who waits for that may go on. */
    void found(String repositoryId) {
        if (found.add(repositoryId)) {
            sendAt(repositoryId);
        }
    }

    /** Looks at every job that waits. Heals whatever no event told of, such as a repository that was changed. */
    public void sweep() {
        db.read(handle -> handle.attach(JobDao.class).hostsWaiting()).forEach(this::send);
    }

    private void sendFrom(List<Job> open) {
        var entered = open.stream().filter(RepositoryQueue::entered).collect(Collectors.toCollection(ArrayList::new));
        var before = new ArrayList<Job>();
        for (var job : open) {
            if (!entered(job) && agents.connected(job.hostId())) {
                var inTheWay = Stream.concat(before.stream(), entered.stream())
                        .filter(other -> meets(job, other))
                        .findFirst();
                if (inTheWay.isPresent()) {
                    hold(job, inTheWay.get());
                } else if (start(job)) {
                    entered.add(job);
                }
            }
            before.add(job);
        }
    }

    private boolean meets(Job job, Job other) {
        return !job.hostId().equals(other.hostId())
                && agents.connected(other.hostId())
                && (exclude(job, other) || !isThere(job));
    }

    private static boolean exclude(Job job, Job other) {
        return job.kind().exclusive() || other.kind().exclusive();
    }

    private boolean isThere(Job job) {
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

    private static boolean entered(Job job) {
        return job.sentAt().isPresent() || job.status() == JobStatus.RUNNING;
    }

    private void hold(Job job, Job inTheWay) {
        var reason = "waits for the " + inTheWay.kind().word() + " of host "
                + hosts.find(inTheWay.hostId()).map(host -> host.name()).orElse(inTheWay.hostId())
                + (exclude(job, inTheWay) ? "" : ", the first")
                + " at the same repository";
        if (!job.waitingFor().equals(Optional.of(reason))) {
            db.change(tx -> tx.attach(JobDao.class).waits(job.id(), reason));
            if (job.trigger().byDueTime()) {
                agents.send(job.hostId(), new ToAgent.CommandHold(job.id(), reason));
            }
        }
    }

    /** Returns whether it is at the repository now. */
    private boolean start(Job job) {
        if (db.read(handle -> schedules.waitsSince(handle, job.hostId())).isPresent()) {
            return startAsHeld(job);
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
        return send(job, schedule.map(JobSpec::of).orElseGet(() -> JobSpec.once(job.kind())));
    }

    /** The machine may know better than this database: what it fired runs as it has it, what it was not told yet waits. */
    private boolean startAsHeld(Job job) {
        if (job.trigger().byDueTime()) {
            return send(job, new JobOrder.AsHeld(job.kind()));
        }
        return job.scheduleId().isEmpty() && send(job, JobSpec.once(job.kind()));
    }

    private boolean send(Job job, JobOrder order) {
        if (db.write(tx -> tx.attach(JobDao.class).sent(job.id(), clock.instant())) == 0) {
            return false; // cancelled meanwhile
        }
        agents.send(
                job.hostId(), new ToAgent.CommandRun(job.id(), order, job.trigger(), job.dueAt(), job.repositoryId()));
        return true;
    }

    private void cancel(Job job, String reason) {
        db.change(tx -> tx.attach(JobDao.class).end(job.id(), JobStatus.CANCELLED, reason, clock.instant()));
        agents.send(job.hostId(), new ToAgent.CommandRefuse(job.id(), reason));
    }
}
