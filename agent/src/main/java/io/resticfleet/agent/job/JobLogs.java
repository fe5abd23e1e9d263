package io.resticfleet.agent.job;

import io.resticfleet.agent.link.MessageSource;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.ToServer;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The logs of all jobs, sent to the server in parts until it has acknowledged them.
 *
 * <p>Safe for use by many threads.
 */
public final class JobLogs implements MessageSource {

    private static final long MAX_BYTES = 64L * 1024 * 1024;
    private static final int BATCH_BYTES = 48 * 1024;

    private final Journal journal;
    private final CredentialStore credentials;
    private final InstantSource clock;
    private final AtomicLong bytes = new AtomicLong();
    private final Map<JobId, JobLog> logs = new TreeMap<>();
    private volatile Runnable wake = () -> {};

    public JobLogs(Journal journal, CredentialStore credentials, InstantSource clock) {
        this.journal = journal;
        this.credentials = credentials;
        this.clock = clock;
        journal.list().forEach(entry -> of(entry.jobId()));
    }

    /** @param newWake called when there are lines to send; must not block */
    public void onAdded(Runnable newWake) {
        wake = newWake;
    }

    /** The log of a job in the journal. */
    synchronized JobLog of(JobId jobId) {
        return logs.computeIfAbsent(jobId, id -> {
            var log = JobLog.open(journal.directory(id), clock, this::takeRoom, credentials.redactor());
            bytes.addAndGet(log.bytes());
            return log;
        });
    }

    /** Signals that there are new lines. */
    void written() {
        wake.run();
    }

    synchronized void remove(JobId jobId) {
        var log = logs.remove(jobId);
        if (log != null) {
            bytes.addAndGet(-log.bytes());
        }
    }

    synchronized boolean allAcked(JobId jobId) {
        return !logs.containsKey(jobId) || logs.get(jobId).allAcked();
    }

    synchronized void acked(JobId jobId, long line) {
        Optional.ofNullable(logs.get(jobId)).ifPresent(log -> log.acked(line));
    }

    @Override
    public synchronized void reconnected() {
        logs.values().forEach(JobLog::rewind);
    }

    @Override
    public synchronized Optional<ToServer> next() {
        for (var log : logs.entrySet()) {
            var lines = log.getValue().next(BATCH_BYTES);
            if (!lines.isEmpty()) {
                return Optional.of(new ToServer.LogStream(
                        log.getKey(), lines.get(lines.size() - 1).line(), lines));
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean allSent() {
        return true; // no later source waits for the logs
    }

    private boolean takeRoom(long count) {
        if (bytes.addAndGet(count) <= MAX_BYTES && journal.hasRoom()) {
            return true;
        }
        bytes.addAndGet(-count);
        return false;
    }
}
