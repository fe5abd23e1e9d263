package io.resticfleet.agent.job;

import io.resticfleet.agent.link.Outbox;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.OpenJobs;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Reports the start and end of jobs to the server, through the outbox. Safe for use by many threads. */
public final class Results {

    private static final System.Logger log = System.getLogger(Results.class.getName());
    private static final Outcome LOST = Outcome.lost(
            "the result of this job was lost: its record on the machine's disk is damaged. Check that disk; the next run"
                    + " makes up for it");

    private final Outbox outbox;
    private final Journal journal;
    private final JobLogs logs;
    private final InstantSource clock;
    private volatile Consumer<String> backupFailed = words -> {};

    public Results(Outbox outbox, Journal journal, JobLogs logs, InstantSource clock) {
        this.outbox = outbox;
        this.journal = journal;
        this.logs = logs;
        this.clock = clock;
        markEnded();
    }

    /**
     * Marks jobs as ended whose end was reported just before a crash. They must not run again, as they could end
     * otherwise.
     */
    private void markEnded() {
        for (var entry : journal.list()) {
            outbox.endStoredBefore(entry.jobId())
                    .filter(reported -> !entry.ended())
                    .ifPresent(reported -> markEnded(entry, reported));
        }
    }

    private void markEnded(JobEntry entry, long reported) {
        try {
            journal.update(entry.jobId(), stored -> stored.ended(reported));
        } catch (UncheckedIOException e) {
            log.log(
                    Level.WARNING,
                    "a job cannot be marked as ended, so its end is reported twice job=" + entry.jobId(),
                    e);
        }
    }

    /** @param listener called with words after a failed backup; must not block */
    public void onBackupFailed(Consumer<String> listener) {
        backupFailed = listener;
    }

    void started(JobEntry entry) {
        outbox.add(sequence -> new ToServer.JobStarted(
                sequence,
                entry.jobId(),
                entry.kind(),
                entry.trigger(),
                entry.scheduleId(),
                entry.dueAt(),
                entry.startedAt().orElseThrow()));
    }

    /** Reports the end first, then marks the job as ended: after a crash in between, the next start marks it. */
    void finished(JobEntry entry, Outcome outcome) {
        long reported = outbox.add(sequence -> new ToServer.JobFinished(
                sequence,
                entry.jobId(),
                entry.kind(),
                entry.trigger(),
                entry.scheduleId(),
                entry.dueAt(),
                entry.startedAt(),
                clock.instant(),
                outcome.status(),
                outcome.exitCode(),
                outcome.error(),
                outcome.errorCode().map(ErrorCode::reported),
                outcome.snapshotId(),
                outcome.result()));
        journal.update(entry.jobId(), stored -> stored.ended(reported));
        if (entry.kind() == JobKind.BACKUP && outcome.status() == JobStatus.FAILED) {
            backupFailed.accept("the backup "
                    + entry.schedule()
                            .map(schedule -> "'" + schedule.name() + "' ")
                            .orElse("")
                    + "failed at " + clock.instant().truncatedTo(ChronoUnit.MINUTES)
                    + outcome.error().map(error -> ": " + error).orElse(""));
        }
    }

    /** Reports a due time that passed without a run. */
    void missed(JobId jobId, Schedule schedule, Instant since, Instant dueAt, String reason) {
        if (!journal.knows(jobId)) {
            outbox.add(sequence -> new ToServer.JobMissed(
                    sequence,
                    jobId,
                    schedule.kind(),
                    schedule.id(),
                    dueAt,
                    Optional.of(since).filter(oldest -> oldest.isBefore(dueAt)),
                    reason));
            journal.used(List.of(jobId));
        }
    }

    /** Reports a run for a due time, in the journal, that will not start. */
    void missed(JobEntry entry, String reason) {
        var reported = outbox.add(sequence -> new ToServer.JobMissed(
                sequence,
                entry.jobId(),
                entry.kind(),
                entry.scheduleId().orElseThrow(),
                entry.dueAt().orElseGet(clock::instant),
                Optional.empty(),
                reason));
        journal.update(entry.jobId(), stored -> stored.ended(reported));
    }

    void snapshots(Instant takenAt, List<Snapshot> snapshots) {
        outbox.add(sequence -> new ToServer.SnapshotsReport(sequence, takenAt, snapshots));
    }

    /**
     * Reports the end of jobs whose result was dropped or is damaged: their outcome is lost, but the server must know
     * that they ended. Called regularly.
     */
    public synchronized void reportLostResults() {
        for (var entry : journal.list()) {
            if (entry.endSequence().filter(outbox::lost).isPresent()) {
                if (!outbox.hasRoom()) {
                    return;
                }
                reportLost(entry);
            }
        }
        outbox.lostReported();
    }

    private void reportLost(JobEntry entry) {
        if (entry.startedAt().isEmpty() && entry.dueAt().isPresent()) {
            missed(entry, "did not run; the reason was lost on the machine's disk");
        } else {
            finished(entry, LOST);
        }
    }

    /** Reports the end of a job whose entry is damaged, when the server orders it again. */
    void damaged(ToAgent.CommandRun command) {
        refused(command, LOST);
    }

    /** Reports the end of a job that was refused and never started. */
    void refused(ToAgent.CommandRun command, Outcome outcome) {
        outbox.add(sequence -> new ToServer.JobFinished(
                sequence,
                command.jobId(),
                command.order().kind(),
                command.trigger(),
                command.order().scheduled().map(Schedule::id),
                command.dueAt(),
                Optional.empty(),
                clock.instant(),
                outcome.status(),
                outcome.exitCode(),
                outcome.error(),
                outcome.errorCode().map(ErrorCode::reported),
                outcome.snapshotId(),
                outcome.result()));
        journal.remove(command.jobId());
    }

    /** The server has stored the results up to this sequence. */
    public void acked(long sequence) {
        outbox.acked(sequence);
        settle();
    }

    /** The server has stored a job's log up to this line. */
    public void logAcked(JobId jobId, long line) {
        logs.acked(jobId, line);
        settle();
    }

    /** Ids of the jobs whose end is not acknowledged yet. */
    public List<JobId> openJobs() {
        return journal.list().stream()
                .filter(entry -> !endKnown(entry))
                .map(JobEntry::jobId)
                .toList();
    }

    /** The jobs whose end is not acknowledged yet; empty if they are too many to be listed. */
    public Optional<OpenJobs> jobs() {
        var jobs = journal.list().stream()
                .filter(entry -> !endKnown(entry))
                .collect(Collectors.partitioningBy(
                        JobEntry::ended, Collectors.mapping(JobEntry::jobId, Collectors.toList())));
        return Optional.of(jobs)
                .filter(all -> all.values().stream().allMatch(ids -> ids.size() <= OpenJobs.MAX))
                .map(all -> new OpenJobs(all.get(false), all.get(true)));
    }

    private void settle() {
        for (var entry : journal.list()) {
            if (endKnown(entry) && logs.allAcked(entry.jobId())) {
                journal.remove(entry.jobId());
                logs.remove(entry.jobId());
            }
        }
    }

    private boolean endKnown(JobEntry entry) {
        return entry.endSequence().filter(sequence -> !outbox.holds(sequence)).isPresent();
    }
}
