package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.OpenJobs;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * For how long each job may hold its repository: its agent renews the lease with each heartbeat, until the job has ended.
 * A job that no agent reports, such as one of a machine that is gone, holds it no longer than {@link #LENGTH}.
 *
 * <p>Only the monotonic clock of this server counts. Nothing is stored: after a start of the server, each job has one
 * lease to be renewed. Safe for use by many threads.
 */
public final class JobLeases {

    /** Longer than a connection is away that was cut, and than a machine and its clone take turns. */
    static final Duration LENGTH = Duration.ofMinutes(6);

    /** The last list of jobs is not older while an agent is connected. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    /** Limit per host; an agent has fewer. */
    private static final int MAX_JOBS = 10_000;

    private final LongSupplier nanoTime;

    /** Of each job that was not reported since. */
    private final Lease atStart;

    private final Map<HostId, Agent> agents = new ConcurrentHashMap<>();

    /** @param nanoTime monotonic clock, in nanoseconds */
    public JobLeases(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.atStart = new Lease(nanoTime.getAsLong(), true);
    }

    /**
     * @param listedAt when the agent last reported it, or it was sent to the agent
     * @param holds false once it has ended there
     */
    private record Lease(long listedAt, boolean holds) {}

    /** What the agents of one host report. To be used while holding it. */
    private static final class Agent {
        private final Map<JobId, Lease> leases = new HashMap<>();
        private Optional<Set<JobId>> listed = Optional.empty();
        private long listedAt;

        /** When it last reported that it is alive without listing its jobs, as older agents do. */
        private Optional<Long> unlistedAt = Optional.empty();

        private void put(JobId jobId, Lease lease) {
            if (leases.size() < MAX_JOBS || leases.containsKey(jobId)) {
                leases.put(jobId, lease);
            }
        }
    }

    /** The server has sent these jobs to an agent, or has received something about them. */
    void renew(HostId hostId, Collection<JobId> jobs) {
        var agent = agent(hostId);
        synchronized (agent) {
            long now = nanoTime.getAsLong();
            jobs.forEach(id -> agent.put(id, new Lease(now, true)));
        }
    }

    /**
     * An agent has sent a heartbeat.
     *
     * @param jobs absent if all its jobs are to be renewed
     */
    public void renew(HostId hostId, Optional<OpenJobs> jobs) {
        var agent = agent(hostId);
        synchronized (agent) {
            long now = nanoTime.getAsLong();
            agent.leases.values().removeIf(lease -> isOver(lease, now) && isOver(atStart, now));
            if (jobs.isEmpty()) {
                agent.unlistedAt = Optional.of(now);
                agent.listed = Optional.empty();
                return;
            }
            var open = jobs.get();
            open.notEnded().forEach(id -> agent.put(id, new Lease(now, true)));
            open.unreported().forEach(id -> agent.put(id, new Lease(now, false)));
            agent.listed = Optional.of(Stream.concat(open.notEnded().stream(), open.unreported().stream())
                    .collect(Collectors.toUnmodifiableSet()));
            agent.listedAt = now;
        }
    }

    /** Forgets what the former machine of a host reported. */
    void forget(HostId hostId) {
        agents.remove(hostId);
    }

    /** How much longer the lease of a job lasts; empty if it has ended. */
    Optional<Duration> remaining(HostId hostId, JobId jobId) {
        var agent = agent(hostId);
        synchronized (agent) {
            var lease = agent.leases.getOrDefault(jobId, atStart);
            long now = nanoTime.getAsLong();
            long age = now - lease.listedAt();
            if (agent.unlistedAt.isPresent()) {
                age = Math.min(age, now - agent.unlistedAt.get());
            }
            return Optional.of(LENGTH.minusNanos(age)).filter(left -> lease.holds() && !left.isNegative());
        }
    }

    /** Whether the connected agent of a host lists its jobs, and has not listed this one for {@link #LENGTH}. */
    boolean isLost(HostId hostId, JobId jobId) {
        var agent = agent(hostId);
        synchronized (agent) {
            long now = nanoTime.getAsLong();
            return agent.listed.filter(ids -> !ids.contains(jobId)).isPresent()
                    && now - agent.listedAt < FRESH.toNanos()
                    && isOver(agent.leases.getOrDefault(jobId, atStart), now);
        }
    }

    private static boolean isOver(Lease lease, long now) {
        return now - lease.listedAt() > LENGTH.toNanos();
    }

    private Agent agent(HostId hostId) {
        return agents.computeIfAbsent(hostId, id -> new Agent());
    }
}
