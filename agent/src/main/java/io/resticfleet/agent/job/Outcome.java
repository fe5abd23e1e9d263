package io.resticfleet.agent.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.NoResult;
import java.util.Optional;

/**
 * How a job ended.
 *
 * @param exitCode of restic; absent if restic did not run or its exit code is unknown
 * @param error reason for the operator, for every status but succeeded; a remark if the job succeeded
 * @param errorCode code of the reason; for a success, of the remark
 */
record Outcome(
        JobStatus status,
        Optional<Integer> exitCode,
        Optional<String> error,
        Optional<ErrorCode> errorCode,
        Optional<String> snapshotId,
        JobResult result) {

    static Outcome succeeded(int exitCode, JobResult result) {
        return new Outcome(
                JobStatus.SUCCEEDED,
                Optional.of(exitCode),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                result);
    }

    /** A failure before restic ran, or for which its exit code does not matter. */
    static Outcome failed(ErrorCode code, String error) {
        return of(JobStatus.FAILED, code, error);
    }

    static Outcome failed(int exitCode, ErrorCode code, String error) {
        return failed(code, error).withExit(exitCode);
    }

    /** Cancelled or interrupted; the error code is the same word. */
    static Outcome aborted(JobStatus status, String error) {
        return of(status, ErrorCode.of(status.word()), error);
    }

    /** The outcome of an aborted job. */
    static Outcome abortedBy(JobAborted aborted) {
        return of(aborted.status(), aborted.code(), aborted.getMessage());
    }

    /** Interrupted, as its real outcome was lost. */
    static Outcome lost(String error) {
        return of(JobStatus.INTERRUPTED, ErrorCode.RESULT_LOST, error);
    }

    private static Outcome of(JobStatus status, ErrorCode code, String error) {
        return new Outcome(
                status, Optional.empty(), Optional.of(error), Optional.of(code), Optional.empty(), new NoResult());
    }

    Outcome withExit(int code) {
        return new Outcome(status, Optional.of(code), error, errorCode, snapshotId, result);
    }

    Outcome withResult(JobResult newResult) {
        return new Outcome(status, exitCode, error, errorCode, snapshotId, newResult);
    }

    /** This outcome with a problem added. A success becomes partial, with the problem's code in place of a remark's. */
    Outcome withProblem(ErrorCode code, String problem) {
        var more = withNote(Optional.of(code), problem);
        return status == JobStatus.SUCCEEDED
                ? new Outcome(JobStatus.PARTIAL, exitCode, more.error(), Optional.of(code), snapshotId, result)
                : more;
    }

    /** This outcome with a note added to its error; the first code stays. */
    Outcome withNote(Optional<ErrorCode> code, String note) {
        return new Outcome(
                status,
                exitCode,
                Optional.of(error.map(text -> text + "; " + note).orElse(note)),
                errorCode.or(() -> code),
                snapshotId,
                result);
    }

    /** Whether a snapshot was made. */
    boolean madeSnapshot() {
        return snapshotId.isPresent();
    }
}
