package io.resticfleet.agent.job;

import io.resticfleet.agent.link.Outbox;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Tells the server how jobs begin and end, through the outbox. Safe for use by many threads. */
public final class Results {

    private static final System.Logger log = System.getLogger(Results.class.getName());
    private static final Outcome LOST = Outcome.lost(
            "how this job ended was lost: its record on the machine's disk is damaged. Check that disk; the next run"
                    + " makes up for it");

    private final Outbox outbox;
    private final Journal journal;
    private final JobLogs logs;
    private final InstantSource clock;

    public Results(Outbox outbox, Journal journal, JobLogs logs, InstantSource clock) {
        this.outbox = outbox;
        this.journal = journal;
        this.logs = logs;
        this.clock = clock;
        noteTold();
    }

    /** A crash came between the end and the note of it: the job is not gone through again, it might end otherwise. */
    private void noteTold() {
        for (var entry : journal.list()) {
            outbox.toldBefore(entry.jobId()).filter(told -> !entry.ended()).ifPresent(told -> noteTold(entry, told));
        }
    }

    private void noteTold(JobEntry entry, long told) {
        try {
            journal.update(entry.jobId(), held -> held.ended(told));
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "that a job has ended cannot be noted, so it is told twice job=" + entry.jobId(), e);
        }
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

    /** Told first and noted second: after a crash between the two it is noted at the next start. */
    void finished(JobEntry entry, Outcome outcome) {
        long told = outbox.add(sequence -> new ToServer.JobFinished(
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
        journal.update(entry.jobId(), held -> held.ended(told));
    }

    /** A due time that passed without a run. */
    void missed(String jobId, Schedule schedule, Instant since, Instant dueAt, String reason) {
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

    /** A run in the journal that will not be. */
    void missed(JobEntry entry, String reason) {
        var told = outbox.add(sequence -> new ToServer.JobMissed(
                sequence,
                entry.jobId(),
                entry.kind(),
                entry.scheduleId().orElse(""),
                entry.dueAt().orElseGet(clock::instant),
                Optional.empty(),
                reason));
        journal.update(entry.jobId(), held -> held.ended(told));
    }

    void snapshots(Instant takenAt, List<Snapshot> snapshots) {
        outbox.add(sequence -> new ToServer.SnapshotsReport(sequence, takenAt, snapshots));
    }

    /**
     * Tells the end of jobs whose result was dropped or is damaged: how they ended is not known any more, but that must
     * be. To be called from time to time.
     */
    public synchronized void makeUp() {
        for (var entry : journal.list()) {
            if (entry.endSequence().filter(outbox::lost).isPresent()) {
                if (!outbox.hasRoom()) {
                    return;
                }
                tellLost(entry);
            }
        }
        outbox.madeUp();
    }

    private void tellLost(JobEntry entry) {
        if (entry.startedAt().isEmpty() && entry.dueAt().isPresent()) {
            missed(entry, "it did not run; why is not known, as that was lost on the machine's disk");
        } else {
            finished(entry, LOST);
        }
    }

    /** A job is asked for that was taken in before and whose entry is damaged. */
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

    /** The server has the results up to this sequence. */
    public void acked(long sequence) {
        outbox.acked(sequence);
        settle();
    }

    /** The server has a job's log up to this line. */
    public void logAcked(String jobId, long line) {
        logs.acked(jobId, line);
        settle();
    }

    /** The jobs whose end the server does not know yet. */
    public List<String> openJobs() {
        return journal.list().stream()
                .filter(entry -> !endKnown(entry))
                .map(JobEntry::jobId)
                .toList();
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
