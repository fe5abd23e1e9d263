package io.resticfleet.server.page.host;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.status.HostState;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.time.Instant;
import java.util.Optional;

/**
 * A host as it is shown beside others, and at the top of its own pages.
 *
 * @param words for the state
 * @param more what to do about it, or what was wrong; empty if there is nothing to say
 * @param culprit id of the job that makes the state what it is
 * @param lastSeen absent while it is connected, and if it never was
 * @param lastBackup when its last snapshot was made
 * @param protectedBytes size of what its schedules' last snapshots hold; absent if none did
 * @param drift in words; empty if its agent obeys what is set here
 * @param exposed whether others on the way can read what it is told
 */
public record HostCard(
        String id,
        String name,
        String hostname,
        HostState state,
        String words,
        String more,
        Optional<String> culprit,
        Presence presence,
        Optional<Instant> lastSeen,
        Optional<Instant> lastBackup,
        Optional<Long> protectedBytes,
        Optional<Instant> nextBackup,
        String drift,
        Optional<Running> running,
        HistoryStrip strip,
        RunNow runNow,
        boolean exposed) {

    /**
     * What a host is doing now.
     *
     * @param words such as {@code Backup running}
     * @param percent of the bytes; absent until its agent has said so
     */
    public record Running(String jobId, String words, Optional<Integer> percent) {}

    /** @param percent progress of the running job; absent if none runs or its agent has not reported any */
    static HostCard of(HostStatus status, HostHistory history, Optional<Integer> percent) {
        var host = status.host();
        return new HostCard(
                host.id(),
                host.name(),
                host.hostname(),
                status.state(),
                StateWords.of(status),
                StateWords.more(status),
                status.culprit().map(JobSummary::id),
                status.presence(),
                status.presence() == Presence.ONLINE ? Optional.empty() : host.lastSeenAt(),
                history.lastBackup(),
                history.protectedBytes(),
                status.nextBackup(),
                drift(status),
                status.open().stream().findFirst().map(job -> running(job, percent)),
                history.strip(),
                RunNow.of(status),
                status.exposed());
    }

    private static Running running(JobSummary job, Optional<Integer> percent) {
        var doing = job.status() == JobStatus.RUNNING ? " running" : " waiting";
        return new Running(job.id(), StateWords.of(job.kind()) + doing, percent);
    }

    private static String drift(HostStatus status) {
        if (!status.drifted() || status.presence() == Presence.NEVER_SEEN) {
            return "";
        }
        return status.presence() == Presence.ONLINE
                ? "Its agent has not taken over the newest schedules yet"
                : "Changed schedules take effect when it connects";
    }

    public String tone() {
        return StateWords.tone(state);
    }

    boolean online() {
        return presence == Presence.ONLINE;
    }

    boolean awaited() {
        return presence == Presence.AWAITED;
    }
}
