package io.resticfleet.server.page.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.status.HostState;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.time.Instant;
import java.util.Optional;

/**
 * A host on the dashboard, and at the top of its own pages.
 *
 * @param words the state in words
 * @param more what to do, or details of the state; empty if there is nothing to add
 * @param culprit id of the job that caused the state
 * @param lastSeen absent while it is connected, and if it never was
 * @param lastBackup when its last snapshot was made
 * @param protectedBytes size of the last snapshots of its schedules; absent if there are none
 * @param drift in words; empty if its agent applies the current schedules
 * @param exposed whether its connection can be intercepted, as it comes from another machine without TLS
 */
public record HostCard(
        HostId id,
        String name,
        String hostname,
        HostState state,
        String words,
        String more,
        Optional<JobId> culprit,
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
     * The job that is running or waiting.
     *
     * @param words such as {@code Backup running}
     * @param percent of the bytes; absent until its agent has reported it
     */
    public record Running(JobId jobId, String words, Optional<Integer> percent) {}

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
        return new Running(job.id(), StateWords.of(job.kind()) + " " + StateWords.of(job), percent);
    }

    private static String drift(HostStatus status) {
        if (!status.drifted() || status.presence() == Presence.NEVER_SEEN) {
            return "";
        }
        return status.presence() == Presence.ONLINE
                ? "The agent has not applied the latest schedules yet"
                : "Schedule changes take effect when it connects";
    }

    public String tone() {
        return StateWords.tone(state);
    }

    /** Its pages say more of that. */
    boolean paused() {
        return state == HostState.PAUSED;
    }

    boolean online() {
        return presence == Presence.ONLINE;
    }

    boolean awaited() {
        return presence == Presence.AWAITED;
    }
}
