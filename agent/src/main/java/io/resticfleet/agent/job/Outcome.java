package io.resticfleet.agent.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.NoResult;
import java.util.Optional;

/**
 * How a job ended.
 *
 * @param exitCode restic's; absent if restic was not run or its end is not known
 * @param error in words for the operator, for every status but succeeded
 * @param errorCode of what decided the status; on a success, of what the remark is about
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

    /** Failed before restic was run, or where its exit code is of no use. */
    static Outcome failed(ErrorCode code, String error) {
        return of(JobStatus.FAILED, code, error);
    }

    static Outcome failed(int exitCode, ErrorCode code, String error) {
        return failed(code, error).withExit(exitCode);
    }

    /** Cancelled or interrupted, which is the code as well. */
    static Outcome brokenOff(JobStatus status, String error) {
        return of(status, ErrorCode.of(status.word()), error);
    }

    /** What ended it has said all. */
    static Outcome abortedBy(JobAborted aborted) {
        return of(aborted.status(), aborted.code(), aborted.getMessage());
    }

    /** Interrupted as far as anybody can know. */
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

    /**
     * The same, with something more to say; a success that has something to say is only partial, and its code is of what
     * made it so, not of a remark.
     */
    Outcome butPartial(ErrorCode code, String problem) {
        var more = withNote(Optional.of(code), problem);
        return status == JobStatus.SUCCEEDED
                ? new Outcome(JobStatus.PARTIAL, exitCode, more.error(), Optional.of(code), snapshotId, result)
                : more;
    }

    /** The same status, with something more to say; the first code stays. */
    Outcome withNote(Optional<ErrorCode> code, String note) {
        return new Outcome(
                status,
                exitCode,
                Optional.of(error.map(text -> text + "; " + note).orElse(note)),
                errorCode.or(() -> code),
                snapshotId,
                result);
    }

    /** Whether the repository holds another set of snapshots than before. */
    boolean madeSnapshot() {
        return snapshotId.isPresent();
    }
}
