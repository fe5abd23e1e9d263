package io.resticfleet.faults.alert;

import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToServer;
import java.time.Instant;
import java.util.Optional;

/** Results of backups as agents report them. */
final class Results {

    /** How a run ended. */
    record Outcome(Instant startedAt, Instant finishedAt, JobStatus status, Optional<ErrorCode> code) {

        private int exitCode() {
            return switch (status) {
                case SUCCEEDED -> 0;
                case PARTIAL -> 3;
                default -> 1;
            };
        }
    }

    private static final BackupResult FIGURES = new BackupResult(
            1, 1, 1_000, 0, 0, 10, 1_000, Optional.empty(), 1_002, 1_000_000, 1, 0, Optional.empty(), Optional.empty());

    private Results() {}

    static ToServer.JobFinished finished(long sequence, JobId id, Plan plan, Instant due, Outcome outcome) {
        return new ToServer.JobFinished(
                sequence,
                id,
                JobKind.BACKUP,
                JobTrigger.CRON,
                Optional.of(plan.id()),
                Optional.of(due),
                Optional.of(outcome.startedAt()),
                outcome.finishedAt(),
                outcome.status(),
                Optional.of(outcome.exitCode()),
                outcome.code().map(code -> "restic reported: " + code.word()),
                outcome.code().map(code -> new ErrorCode.Reported(code.word())),
                Optional.of("abcdef12").filter(any -> outcome.status() == JobStatus.SUCCEEDED),
                FIGURES);
    }
}
