package io.resticfleet.server.job;

import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Reports of jobs as agents send them, with usual values for what a test does not depend on. */
public record SampleReports(TestServer server) {

    public static final String SNAPSHOT = "0123456789abcdef".repeat(4);

    /** The message of {@link #failed}. */
    public static final String ERROR = "what restic wrote";

    /** The result of a backup that found nothing new. */
    public static final BackupResult NOTHING_NEW =
            new BackupResult(0, 0, 0, 0, 0, 0, 0, Optional.empty(), 0, 0, 0, 0, Optional.empty(), Optional.empty());

    /** A ULID of {@link TestServer#START}; those of higher numbers sort later. */
    public static String id(int number) {
        return "01KJMMA2G0%016d".formatted(number);
    }

    public ToServer.JobStarted started(String job, String schedule) {
        return started(1, job, Optional.of(schedule), Optional.empty());
    }

    public ToServer.JobStarted started(long sequence, String job, Optional<String> schedule, Optional<Instant> due) {
        var trigger = due.isPresent() ? JobTrigger.CRON : JobTrigger.MANUAL;
        return new ToServer.JobStarted(
                sequence, new JobId(job), JobKind.BACKUP, trigger, schedule.map(ScheduleId::new), due, server.now());
    }

    public ToServer.JobFinished finished(long sequence, String job, String schedule) {
        return finished(sequence, job, Optional.of(schedule), Optional.empty(), JobStatus.SUCCEEDED, SNAPSHOT);
    }

    public ToServer.JobFinished finished(
            long sequence,
            String job,
            Optional<String> schedule,
            Optional<Instant> due,
            JobStatus status,
            String snapshot) {
        return new ToServer.JobFinished(
                sequence,
                new JobId(job),
                JobKind.BACKUP,
                due.isPresent() ? JobTrigger.CRON : JobTrigger.MANUAL,
                schedule.map(ScheduleId::new),
                due,
                Optional.of(server.now()),
                server.now().plusSeconds(60),
                status,
                Optional.of(status == JobStatus.SUCCEEDED ? 0 : 1),
                status == JobStatus.SUCCEEDED ? Optional.empty() : Optional.of("it did not work"),
                status == JobStatus.SUCCEEDED ? Optional.empty() : Optional.of(ErrorCode.UNKNOWN.reported()),
                Optional.of(snapshot).filter(id -> !id.isEmpty()),
                NOTHING_NEW.withRetention(new ForgetResult(3, 1)));
    }

    /** A schedule that came due at its time. */
    public static ToServer.ScheduleFire fire(String run, String schedule, Instant due, long version) {
        return new ToServer.ScheduleFire(new JobId(run), new ScheduleId(schedule), due, version, Optional.empty());
    }

    /** One due time without a run. */
    public static ToServer.JobMissed missed(
            long sequence, String job, JobKind kind, String schedule, Instant due, String reason) {
        return new ToServer.JobMissed(
                sequence, new JobId(job), kind, new ScheduleId(schedule), due, Optional.empty(), reason);
    }

    /** A backup that was due {@code sequence} seconds from now and failed; {@code code} may be any text. */
    public ToServer.JobFinished failed(long sequence, String job, String schedule, String code) {
        return Samples.changed(
                failed(sequence, job, JobKind.BACKUP, code),
                Map.of(
                        "trigger",
                        JobTrigger.CRON,
                        "schedule_id",
                        schedule,
                        "due_at",
                        server.now().plusSeconds(sequence)));
    }

    /** A backup that made a snapshot and ended partial, with any text as its code. */
    public ToServer.JobFinished partial(long sequence, String job, String schedule, String code) {
        return Samples.changed(
                finished(sequence, job, schedule),
                Map.of("status", JobStatus.PARTIAL, "error", ERROR, "error_code", code));
    }

    /** The end of a job without a schedule and without figures. */
    public ToServer.JobFinished ended(long sequence, String job, JobKind kind) {
        return new ToServer.JobFinished(
                sequence,
                new JobId(job),
                kind,
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty(),
                Optional.of(server.now()),
                server.now().plusSeconds(60),
                JobStatus.SUCCEEDED,
                Optional.of(0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new NoResult());
    }

    /** The end of a job without a schedule, as the server ordered it; with a code, it failed. */
    public ToServer.JobFinished ended(
            long sequence, ToAgent.CommandRun command, Optional<ErrorCode> code, JobResult result) {
        return new ToServer.JobFinished(
                sequence,
                command.jobId(),
                command.order().kind(),
                command.trigger(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(server.now()),
                server.now(),
                code.isEmpty() ? JobStatus.SUCCEEDED : JobStatus.FAILED,
                Optional.of(code.isEmpty() ? 0 : 1),
                code.map(any -> ERROR),
                code.map(ErrorCode::reported),
                Optional.empty(),
                result);
    }

    /** An unlock after which a lock stays. */
    public ToServer.JobFinished failedUnlock(long sequence, String job) {
        return Samples.changed(
                ended(sequence, job, JobKind.UNLOCK),
                Map.of(
                        "status",
                        JobStatus.FAILED,
                        "error",
                        "1 lock stays: shared by root on nas (pid 4711) since 2026-03-01T11:00:00Z",
                        "error_code",
                        ErrorCode.LOCKED.reported()));
    }

    /** The end of a job that failed, without a schedule; {@code code} may be any text. */
    public ToServer.JobFinished failed(long sequence, String job, JobKind kind, String code) {
        return Samples.changed(
                ended(sequence, job, kind),
                Map.of("status", JobStatus.FAILED, "exit_code", 1, "error", ERROR, "error_code", code));
    }

    public ToServer.LogStream log(String job, long from, long to) {
        return log(job, from, to, "line ");
    }

    /** @param text begins each line; its number follows */
    public ToServer.LogStream log(String job, long from, long to, String text) {
        var lines = LongStream.rangeClosed(from, to)
                .mapToObj(line -> new LogLine(line, server.now(), "restic", text + line))
                .toList();
        return new ToServer.LogStream(new JobId(job), to, lines);
    }

    public ToServer.SnapshotsReport snapshots(long sequence, Instant takenAt, String... ids) {
        return new ToServer.SnapshotsReport(
                sequence,
                takenAt,
                List.of(ids).stream()
                        .map(id -> new Snapshot(
                                id,
                                id.substring(0, 8),
                                takenAt,
                                "web",
                                "root",
                                List.of("/etc"),
                                List.of(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                        .toList());
    }
}
