package io.resticfleet.server.job;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Credentials;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Schedules;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Who may be at a repository now. Forget, prune and check need it alone; the others share it.
 *
 * <p>First come, first served: what waits for its turn is not overtaken by what it must not meet. A host that is not
 * connected is not waited for, since it may never come back; restic's own locks then keep the peace. Jobs of one host
 * never wait for each other here, as its agent runs one at a time.
 */
public final class Lanes {

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Credentials credentials;
    private final Agents agents;
    private final InstantSource clock;

    public Lanes(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Credentials credentials,
            Agents agents,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.credentials = credentials;
        this.agents = agents;
        this.clock = clock;
    }

    /** Sends every job at this host's repository that may run now. One thread at a time, so that two cannot both enter. */
    synchronized void send(String hostId) {
        var open = db.read(handle -> credentials
                .url(handle, hostId)
                .map(url -> handle.attach(JobDao.class).openOfRepository(url))
                .orElseGet(() -> handle.attach(JobDao.class).openOfHost(hostId)));
        for (var job : open) {
            if (job.status() == JobStatus.QUEUED && job.sentAt().isEmpty() && agents.connected(job.hostId())) {
                var inTheWay = open.stream()
                        .takeWhile(other -> other != job)
                        .filter(other -> meets(job, other))
                        .findFirst()
                        .or(() -> open.stream()
                                .filter(other -> entered(other) && meets(job, other))
                                .findFirst());
                if (inTheWay.isPresent()) {
                    hold(job, inTheWay.get());
                } else {
                    start(job);
                    send(hostId); // the list has changed
                    return;
                }
            }
        }
    }

    private boolean meets(Job job, Job other) {
        return !job.hostId().equals(other.hostId())
                && (job.kind().exclusive() || other.kind().exclusive())
                && agents.connected(other.hostId());
    }

    private static boolean entered(Job job) {
        return job.sentAt().isPresent() || job.status() == JobStatus.RUNNING;
    }

    private void hold(Job job, Job inTheWay) {
        var reason = "waits for the " + inTheWay.kind().word() + " of host "
                + hosts.find(inTheWay.hostId()).map(host -> host.name()).orElse(inTheWay.hostId())
                + " at the same repository";
        if (!job.waitingFor().equals(Optional.of(reason))) {
            db.change(tx -> tx.attach(JobDao.class).waits(job.id(), reason));
        }
        if (job.trigger() == JobTrigger.CRON) {
            agents.send(job.hostId(), new ToAgent.CommandHold(job.id(), reason));
        }
    }

    private void start(Job job) {
        var schedule = db.read(handle -> job.scheduleId().flatMap(id -> schedules.find(handle, job.hostId(), id)));
        if (job.scheduleId().isPresent() && schedule.isEmpty()) {
            cancel(job, "the schedule was deleted before the job began");
            return;
        }
        db.change(tx -> tx.attach(JobDao.class).sent(job.id(), clock.instant()));
        agents.send(job.hostId(), new ToAgent.CommandRun(job.id(), job.kind(), job.trigger(), schedule, job.dueAt()));
    }

    private void cancel(Job job, String reason) {
        db.change(tx -> tx.attach(JobDao.class).end(job.id(), JobStatus.CANCELLED, reason, clock.instant()));
        agents.send(job.hostId(), new ToAgent.CommandRefuse(job.id(), reason));
    }
}
