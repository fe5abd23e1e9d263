package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ReplacedAgents;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.AgentJobs;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.snapshot.SnapshotReports;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Gives a host another machine, as after its disk has died. The host keeps its id, names, schedules, repositories, jobs and
 * snapshots. The agent of its former machine is refused from then on, and what only that one knew is forgotten: its jobs,
 * the numbers of its results, its policy, and which schedules it applies.
 */
public final class Replacements {

    private final Database db;
    private final Hosts hosts;
    private final ReplacedAgents agents;
    private final ScheduleVersions versions;
    private final Divergences divergences;
    private final AgentJobs jobs;
    private final SnapshotReports snapshots;
    private final Audit audit;
    private final InstantSource clock;

    public Replacements(
            Database db,
            Hosts hosts,
            ReplacedAgents agents,
            ScheduleVersions versions,
            Divergences divergences,
            AgentJobs jobs,
            SnapshotReports snapshots,
            Audit audit,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.agents = agents;
        this.versions = versions;
        this.divergences = divergences;
        this.jobs = jobs;
        this.snapshots = snapshots;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * A host that has another machine.
     *
     * @param ended its jobs that were open
     */
    record Taken(HostId hostId, List<Job> ended) {}

    /**
     * Gives a host another machine, in the transaction that uses the token.
     *
     * @param user who made the token
     * @throws Problem 409 {@code key_used}
     */
    Taken takeOver(Handle tx, Actor actor, String user, Host host, Enrollment.Request request) {
        if (agents.isUsed(tx, host, request.publicKey())) {
            throw Problem.conflict(
                    "key_used",
                    "this key was used for " + host.name()
                            + " before; remove enrolment-keys.json from the agent's state"
                            + " directory, and run the command again");
        }
        var ended = jobs.replaced(tx, host.id());
        agents.replace(tx, host.id(), request, user);
        versions.forgetApplied(tx, host.id());
        snapshots.forgetSequence(tx, host.id());
        divergences.settle(tx, host.id());
        audit.record(
                tx,
                actor,
                "host.replace",
                host.id(),
                host.id(),
                Map.of("name", host.name(), "machine", request.hostname(), "jobs_interrupted", ended.size()));
        return new Taken(host.id(), ended);
    }

    /** Disconnects the former machine, after the transaction. */
    void committed(Taken taken) {
        hosts.replaced(taken.hostId());
        jobs.afterReplacement(taken.hostId(), taken.ended());
    }

    /** @throws Problem 404 */
    public Replacement find(HostId hostId) {
        return db.read(handle -> {
            hosts.get(handle, hostId);
            return new Replacement(
                    handle.attach(EnrollmentTokenDao.class)
                            .replacing(hostId, clock.instant())
                            .map(row -> new Replacement.Prepared(row.createdBy(), row.expiresAt())),
                    agents.last(handle, hostId)
                            .map(last -> new Replacement.Done(
                                    last.at(), last.by(), !hosts.isNew(handle, hostId), last.refusedAt())));
        });
    }
}
