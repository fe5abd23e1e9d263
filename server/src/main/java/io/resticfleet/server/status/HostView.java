package io.resticfleet.server.status;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.drill.HostRecovery;
import io.resticfleet.server.drill.ProvenRestore;
import io.resticfleet.server.drill.Recovery;
import io.resticfleet.server.drill.WeeklyDrill;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.HostExpectations;
import io.resticfleet.server.host.HostQuota;
import io.resticfleet.server.host.ScheduleVersion;
import io.resticfleet.server.host.Silence;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.link.AgentInstance;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A host in the API.
 *
 * @param status {@code online}, {@code offline}, {@code never_seen}, or {@code awaited}: not yet back since this server
 *     started, less than five minutes ago
 * @param drift whether the agent applies another version of the schedules than the server's
 * @param scheduleRefused why the agent rejected the newest schedules; null if it did not
 * @param clockSkewMs the agent's clock minus the server's; absent until the first hello
 * @param repositoryUrl without credentials
 * @param lastBackup the backup that ended last, with any result; null if none did
 * @param twins the agents that use this host's identity, as on a machine and its clone; empty unless there are several
 * @param unencrypted whether its connection can be intercepted, as it comes from another machine without TLS; absent while
 *     not connected
 * @param policy what the machine's owner allows, as enforced by its agent; null until the agent has reported it
 * @param quota what it may add in a day, and has today
 * @param retentionHeld enabled schedules of which no snapshots are removed, as a backup was not like the ones before it
 * @param lastProvenRestore the last drill that succeeded; null if none has
 * @param recovery what would happen if it died now
 * @param weeklyDrill the drill that this server starts each week
 * @param comesAndGoes whether it may be away, or miss due times, as a laptop
 * @param staleAfterDays days without a good backup that are too many; null if only its schedules define that
 * @param silence nothing is announced of it; null if it is not silenced
 * @param pause its schedules do not run; null if it is not paused
 * @param pauseWarning why its schedules may run all the same; null if they do not, as far as is known
 * @param badgeUrl of a small picture of its status, which works without signing in
 */
record HostView(
        HostId id,
        String name,
        String hostname,
        String status,
        String os,
        String arch,
        String agentVersion,
        Optional<String> resticVersion,
        Optional<String> timeZone,
        Optional<Long> clockSkewMs,
        long scheduleVersion,
        long appliedScheduleVersion,
        boolean drift,
        Optional<String> scheduleRefused,
        Optional<String> repositoryUrl,
        Optional<LastBackup> lastBackup,
        Instant createdAt,
        Optional<Instant> lastSeenAt,
        List<AgentInstance> twins,
        Optional<Boolean> unencrypted,
        Optional<HostPolicy> policy,
        HostQuota quota,
        List<RetentionHeld> retentionHeld,
        Optional<ProvenRestore> lastProvenRestore,
        Recovery recovery,
        WeeklyDrill weeklyDrill,
        boolean comesAndGoes,
        Optional<Integer> staleAfterDays,
        Optional<Silence> silence,
        Optional<Pause> pause,
        Optional<String> pauseWarning,
        Optional<String> badgeUrl) {

    /**
     * No snapshots of a schedule are removed.
     *
     * @param jobId its last backup
     * @param reason in words, with the job to look at
     */
    record RetentionHeld(ScheduleId scheduleId, JobId jobId, String reason) {

        static RetentionHeld of(Job job) {
            return new RetentionHeld(
                    job.scheduleId().orElseThrow(), job.id(), job.error().orElse(""));
        }
    }

    record LastBackup(JobId jobId, JobStatus status, Optional<Instant> finishedAt, Optional<String> snapshotId) {

        static LastBackup of(Job job) {
            return new LastBackup(job.id(), job.status(), job.finishedAt(), job.snapshotId());
        }
    }

    static HostView of(
            Host host,
            Presence presence,
            ScheduleVersion version,
            Optional<String> repositoryUrl,
            Optional<Job> lastBackup,
            List<AgentInstance> twins,
            Optional<Boolean> unencrypted,
            Optional<HostPolicy> policy,
            HostQuota quota,
            List<Job> holdingRetention,
            HostRecovery recovery,
            WeeklyDrill weeklyDrill,
            HostExpectations expected,
            Optional<Silence> silence,
            Optional<Pause> pause,
            Optional<String> pauseWarning,
            Optional<String> badgeUrl,
            Instant now) {
        return new HostView(
                host.id(),
                host.name(),
                host.hostname(),
                presence.word(),
                host.os(),
                host.arch(),
                host.agentVersion(),
                host.resticVersion(),
                host.timeZone(),
                host.clockSkewMs(),
                version.version(),
                version.appliedVersion(),
                version.drifted(),
                version.refused(),
                repositoryUrl,
                lastBackup.map(LastBackup::of),
                host.createdAt(),
                host.lastSeenAt(),
                twins,
                unencrypted,
                policy,
                quota,
                holdingRetention.stream().map(RetentionHeld::of).toList(),
                recovery.proven(),
                recovery.at(now),
                weeklyDrill,
                expected.comesAndGoes(),
                expected.staleAfterDays(),
                silence,
                pause,
                pauseWarning,
                badgeUrl);
    }
}
