package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.AutomaticJobs;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes snapshots: starts a forget where a plan has something to remove, and answers which ones when it runs. An agent alone
 * removes none. Safe for use by many threads.
 */
public final class Retention {

    private static final Logger log = LoggerFactory.getLogger(Retention.class);

    /** A forget without a schedule starts at most this often, by repository and host. */
    private static final Duration PAUSE = Duration.ofHours(1);

    private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(5);

    /** What a forget did not remove, as the machine's owner keeps it longer, starts no other one for so long. */
    private static final Duration TRIED_AGAIN_AFTER = Duration.ofDays(1);

    private final Database db;
    private final Jobs jobs;
    private final AutomaticJobs automaticJobs;
    private final Agents agents;
    private final RetentionLedger ledger;
    private final RetentionPlans plans;
    private final InstantSource clock;
    private final Map<Runner, Instant> started = new ConcurrentHashMap<>();
    private final Map<HostId, Question> asked = new ConcurrentHashMap<>();

    public Retention(
            Database db,
            Jobs jobs,
            AutomaticJobs automaticJobs,
            Agents agents,
            RetentionLedger ledger,
            RetentionPlans plans,
            InstantSource clock) {
        this.db = db;
        this.jobs = jobs;
        this.automaticJobs = automaticJobs;
        this.agents = agents;
        this.ledger = ledger;
        this.plans = plans;
        this.clock = clock;
    }

    /** A host's last question. */
    private record Question(JobId jobId, Instant at) {}

    /** A host that removes from a repository. */
    private record Runner(HostId hostId, RepositoryId repositoryId) {}

    /** After a backup was reported: finds its slot, and removes what it displaced. */
    public void backedUp(HostId hostId, ScheduleId scheduleId) {
        db.read(handle -> jobs.backups(handle, hostId, scheduleId, 1)).stream()
                .flatMap(run -> run.repositoryId().stream())
                .forEach(repositoryId -> {
                    ledger.reported(hostId, repositoryId);
                    start(hostId, repositoryId);
                });
    }

    /** After a host's list of a repository was received. */
    public void listed(HostId hostId, RepositoryId repositoryId) {
        ledger.listed(hostId, repositoryId);
        start(hostId, repositoryId);
    }

    /** After a host has listed a repository that has not changed. */
    public void listedAgain(HostId hostId, RepositoryId repositoryId) {
        ledger.listedAgain(hostId, repositoryId);
    }

    /**
     * Starts a forget if a plan has something to remove, and nothing holds it: a plan for the host's snapshots, or for all that
     * it removes.
     */
    private void start(HostId hostId, RepositoryId repositoryId) {
        var now = clock.instant();
        var runner = new Runner(db.read(handle -> plans.runner(handle, hostId, repositoryId)), repositoryId);
        if (started.getOrDefault(runner, Instant.MIN).isAfter(now.minus(PAUSE))
                || !agents.supports(runner.hostId(), Protocol.RETENTION_PLANS)
                || !plans.allows(runner.hostId())) {
            return;
        }
        var planned = db.read(handle -> runner.hostId().equals(hostId)
                ? plans.of(handle, hostId, repositoryId)
                : plans.ofHost(handle, hostId, repositoryId, Optional.empty()));
        if (planned.stream().anyMatch(one -> one.isDue(now.minus(TRIED_AGAIN_AFTER)))) {
            started.put(runner, now);
            automaticJobs.forget(runner.hostId(), repositoryId);
        }
    }

    /** Answers a running forget: which snapshots to remove, after its complete list was received. */
    public void asked(AgentConnection connection, ToServer.RetentionAsk ask) {
        var hostId = connection.hostId();
        var job = jobs.find(ask.jobId())
                .filter(found -> found.hostId().equals(hostId)
                        && found.kind() == JobKind.FORGET
                        && found.repositoryId().equals(Optional.of(ask.repositoryId()))
                        && !found.status().ended());
        if (job.isEmpty()) {
            connection.send(held(ask, "the server knows no such forget that has not ended"));
        } else if (db.read(handle -> ledger.receivedAt(handle, hostId, ask.repositoryId()))
                .filter(at -> at.isAfter(job.get().createdAt()))
                .isEmpty()) {
            connection.send(held(ask, "the server has not received the list of snapshots that this job made"));
        } else if (!isRepeated(hostId, ask.jobId())) {
            connection.send(db.write(tx -> decide(tx, job.get(), ask)));
        }
    }

    /** Whether a job asks again at once: a plan takes time that other hosts need. An agent repeats itself after 20 s. */
    private boolean isRepeated(HostId hostId, JobId jobId) {
        var now = clock.instant();
        var last = asked.put(hostId, new Question(jobId, now));
        return last != null && last.jobId().equals(jobId) && last.at().isAfter(now.minus(ASKED_AGAIN_AFTER));
    }

    private ToAgent.RetentionPlan decide(Handle tx, Job job, ToServer.RetentionAsk ask) {
        if (!plans.runner(tx, job.hostId(), ask.repositoryId()).equals(job.hostId())) {
            return held(ask, "another machine looks after the repository now");
        }
        var planned = planned(tx, job, ask.repositoryId());
        var remove = new ArrayList<String>();
        for (var one : planned) {
            if (one.plan().held().isEmpty() && !one.plan().remove().isEmpty()) {
                remove.addAll(one.plan().remove());
                tx.attach(RecordDao.class).removed(one.scheduleId(), clock.instant());
            }
        }
        var first = remove.subList(0, Math.min(remove.size(), Protocol.MAX_REMOVED));
        ledger.removing(tx, ask.repositoryId(), first);
        var causes = planned.stream()
                .flatMap(one -> one.plan().held().stream())
                .map(hold -> hold.cause().text())
                .distinct()
                .toList();
        if (!causes.isEmpty()) {
            log.warn("retention is held repository={} host={}: {}", ask.repositoryId(), job.hostId(), causes);
        }
        return new ToAgent.RetentionPlan(
                ask.jobId(),
                List.copyOf(first),
                Optional.of(String.join("; ", causes)).filter(text -> !text.isEmpty() && first.isEmpty()));
    }

    /** For a forget with a schedule, its policy applies to each backup schedule of its host. */
    private List<RetentionPlans.Planned> planned(Handle tx, Job job, RepositoryId repositoryId) {
        return job.scheduleId()
                .map(id -> plans.policyOf(tx, id)
                        .map(policy -> plans.ofHost(tx, job.hostId(), repositoryId, Optional.of(policy)))
                        .orElse(List.of()))
                .orElseGet(() -> plans.of(tx, job.hostId(), repositoryId));
    }

    private static ToAgent.RetentionPlan held(ToServer.RetentionAsk ask, String reason) {
        return new ToAgent.RetentionPlan(ask.jobId(), List.of(), Optional.of(reason));
    }
}
