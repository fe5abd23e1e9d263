package io.resticfleet.server.job;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What agents report of their jobs before these have a result: due times, and which jobs they have. */
public final class AgentJobs {

    private static final Logger log = LoggerFactory.getLogger(AgentJobs.class);

    private final Database db;
    private final Schedules schedules;
    private final Pauses pauses;
    private final Repositories repositories;
    private final Agents agents;
    private final RepositoryQueue queue;
    private final JobLeases leases;
    private final ReportedJobs reported;
    private final InstantSource clock;

    public AgentJobs(
            Database db,
            Schedules schedules,
            Pauses pauses,
            Repositories repositories,
            Agents agents,
            RepositoryQueue queue,
            JobLeases leases,
            ReportedJobs reported,
            InstantSource clock) {
        this.db = db;
        this.schedules = schedules;
        this.pauses = pauses;
        this.repositories = repositories;
        this.agents = agents;
        this.queue = queue;
        this.leases = leases;
        this.reported = reported;
        this.clock = clock;
    }

    /** Handles a due time that an agent reports: answers with the order to run or to wait, or with a refusal. */
    public void fired(AgentConnection connection, ToServer.ScheduleFire fire) {
        var hostId = connection.hostId();
        var refusal = db.<Optional<String>>write(tx -> {
            var known = tx.attach(JobDao.class).find(fire.runId());
            if (known.filter(job -> !job.hostId().equals(hostId)).isPresent()) {
                // The id is another host's, by mistake or on purpose. Without an answer, the agent runs by itself.
                log.error("agent fired a run with another host's id host={} job={}", hostId, fire.runId());
                return Optional.empty();
            }
            if (known.isPresent()) {
                tx.attach(JobDao.class).unsent(fire.runId());
                return known.filter(job -> job.status().ended())
                        .map(job -> "this run has ended on the server: "
                                + job.status().word());
            }
            var schedule = schedules.find(tx, hostId, fire.scheduleId());
            if (schedules.waitsSince(tx, hostId).isPresent()
                    && schedule.filter(Schedule::enabled)
                            .filter(s -> !s.manual())
                            .isEmpty()) {
                return Optional.empty(); // it may have newer schedules; without an answer, the agent runs by itself
            }
            var why = schedule.isEmpty()
                    ? Optional.of("the schedule was deleted")
                    : schedule.filter(Schedule::enabled).isEmpty()
                            ? Optional.of("the schedule was disabled")
                            : schedule.filter(Schedule::manual).map(manual -> "the schedule runs only on request");
            if (why.isEmpty()
                    && schedules.waitsSince(tx, hostId).isEmpty()) { // this database may not know that it was resumed
                why = pauses.find(tx, hostId).map(Pause::words);
            }
            if (why.isEmpty()
                    && !reported.admits(
                            tx,
                            hostId,
                            fire.runId(),
                            schedule.get().kind(),
                            Optional.of(fire.scheduleId()),
                            Optional.of(fire.dueAt()))) {
                return Optional.of("the machine has reported more jobs today than this server stores");
            }
            if (why.isEmpty()) {
                MissedRows.replace(
                        tx, hostId, Optional.of(fire.scheduleId()), fire.dueAt(), fire.dueAt(), fire.runId());
                tx.attach(JobDao.class).insert(dueJob(tx, hostId, schedule.get(), fire));
            }
            return why;
        });
        leases.renew(hostId, List.of(fire.runId()));
        if (refusal.isPresent()) {
            connection.send(new ToAgent.CommandRefuse(fire.runId(), refusal.get()));
        } else {
            queue.send(hostId);
        }
    }

    /**
     * Called for a newly connected agent: sends again the jobs that it does not have, and ends those that it has lost.
     */
    public void onHello(AgentConnection connection, Hello hello) {
        var agentJobs = new HashSet<>(hello.jobs());
        db.change(tx -> {
            var dao = tx.attach(JobDao.class);
            var unknown = dao.openOfHost(connection.hostId()).stream()
                    .filter(job -> !agentJobs.contains(job.id()))
                    .toList();
            unknown.forEach(job -> settle(tx, job));
        });
        onHelloOfClone(connection, hello);
    }

    /** Called for one of several agents of a host: ends no jobs that it does not have, as another may have them. */
    public void onHelloOfClone(AgentConnection connection, Hello hello) {
        leases.renew(connection.hostId(), hello.jobs());
        db.read(handle -> handle.attach(JobDao.class).toCancel(connection.hostId()))
                .forEach(id -> connection.send(new ToAgent.CommandCancel(id)));
        queue.send(connection.hostId());
    }

    /** Renews the leases of the jobs that an agent has. */
    public void heard(AgentConnection connection, ToServer.Heartbeat heartbeat) {
        leases.renew(connection.hostId(), heartbeat.jobs());
    }

    /**
     * Ends the jobs that a connected agent has not listed for long, or sends them again, and then checks all waiting jobs.
     * Of several agents of a host, another may have a job.
     */
    public void sweep() {
        var lost = db.read(handle -> handle.attach(JobDao.class).open()).stream()
                .filter(job -> RepositoryQueue.started(job) || job.trigger().byDueTime())
                .filter(job -> agents.connected(job.hostId())
                        && agents.clones().foundAt(job.hostId()).isEmpty()
                        && leases.isLost(job.hostId(), job.id()))
                .toList();
        lost.forEach(job -> {
            log.warn("the agent does not have a job that it should have host={} job={}", job.hostId(), job.id());
            db.change(tx -> settle(tx, job));
        });
        lost.stream().map(Job::hostId).collect(Collectors.toSet()).forEach(queue::send);
        queue.sweep();
    }

    /**
     * Ends, in this transaction, all open jobs of a host whose machine is replaced: the new one has none of them.
     *
     * @return those that it ended, for {@link #afterReplacement}
     */
    public List<Job> replaced(Handle tx, HostId hostId) {
        var dao = tx.attach(JobDao.class);
        var open = dao.openOfHost(hostId);
        open.forEach(job -> dao.end(
                job.id(),
                JobStatus.INTERRUPTED,
                "another machine has taken the place of the one that had this job; how it ended there is unknown",
                clock.instant()));
        return open;
    }

    /** Lets others go on that waited for these jobs. To be called after the transaction. */
    public void afterReplacement(HostId hostId, List<Job> ended) {
        leases.forget(hostId);
        ended.stream().flatMap(job -> job.repositoryId().stream()).distinct().forEach(queue::sendAt);
        queue.send(hostId);
    }

    /** Decides about a job that its agent does not have. */
    private void settle(Handle tx, Job job) {
        var dao = tx.attach(JobDao.class);
        if (schedules
                .waitsSince(tx, job.hostId())
                .filter(at -> !job.createdAt().isAfter(at))
                .isPresent()) {
            dao.end(
                    job.id(),
                    JobStatus.INTERRUPTED,
                    "the database was restored from a copy made before this job ended; this changes if the machine"
                            + " reports how it ended",
                    clock.instant());
        } else if (job.status() == JobStatus.QUEUED && !job.trigger().byDueTime()) {
            dao.unsent(job.id());
        } else {
            dao.end(
                    job.id(),
                    JobStatus.INTERRUPTED,
                    "the agent no longer knows this job; its state was lost, and how the job ended is unknown",
                    clock.instant());
        }
    }

    private NewJob dueJob(Handle tx, HostId hostId, Schedule schedule, ToServer.ScheduleFire fire) {
        return new NewJob(
                fire.runId(),
                hostId,
                Optional.of(schedule.id()),
                schedule.kind(),
                JobStatus.QUEUED,
                fire.trigger().filter(JobTrigger.RETRY::equals).orElse(JobTrigger.CRON),
                Optional.of(fire.dueAt()),
                clock.instant(),
                Optional.empty(),
                repositories.pick(tx, hostId, schedule.repositoryId()));
    }
}
