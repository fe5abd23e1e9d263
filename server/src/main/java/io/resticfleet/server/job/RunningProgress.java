package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.live.ChangeSignal;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last progress report of each host, as an agent runs one job at a time. In memory only. Safe for use by many
 * threads.
 */
public final class RunningProgress {

    /** Name of progress in a {@link Change}. */
    static final String PROGRESS = "progress";

    private final ChangeSignal changes;
    private final Map<HostId, ToServer.JobProgress> newest = new ConcurrentHashMap<>();

    public RunningProgress(ChangeSignal changes) {
        this.changes = changes;
    }

    /** @param progress of a job of this host that has not ended */
    void reported(HostId hostId, ToServer.JobProgress progress) {
        newest.put(hostId, progress);
        changes.signal(new Change(PROGRESS, Optional.of(hostId), Optional.of(progress.jobId())));
    }

    /** Empty before the first report, and after the end of the job. */
    Optional<ToServer.JobProgress> of(HostId hostId, JobId jobId) {
        return Optional.ofNullable(newest.get(hostId))
                .filter(progress -> progress.jobId().equals(jobId));
    }

    void ended(HostId hostId, JobId jobId) {
        newest.computeIfPresent(hostId, (id, progress) -> progress.jobId().equals(jobId) ? null : progress);
    }

    /** Removes all hosts except these. */
    void retain(Collection<HostId> hostIds) {
        newest.keySet().retainAll(hostIds);
    }
}
