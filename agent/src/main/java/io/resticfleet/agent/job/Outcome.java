package io.resticfleet.agent.job;

import io.resticfleet.protocol.JobStats;
import io.resticfleet.protocol.JobStatus;
import java.util.Optional;

/**
 * How a job ended.
 *
 * @param exitCode restic's; absent if restic was not run or its end is not known
 * @param error in words for the operator, for every status but succeeded
 */
record Outcome(
        JobStatus status,
        Optional<Integer> exitCode,
        Optional<String> error,
        Optional<String> snapshotId,
        JobStats stats) {

    static Outcome succeeded(int exitCode, JobStats stats) {
        return new Outcome(JobStatus.SUCCEEDED, Optional.of(exitCode), Optional.empty(), Optional.empty(), stats);
    }

    /** Ended so before restic was run, or where its exit code is of no use. */
    static Outcome of(JobStatus status, String error) {
        return new Outcome(status, Optional.empty(), Optional.of(error), Optional.empty(), JobStats.NONE);
    }

    static Outcome failed(String error) {
        return of(JobStatus.FAILED, error);
    }

    static Outcome failed(int exitCode, String error) {
        return failed(error).withExit(exitCode);
    }

    Outcome withExit(int code) {
        return new Outcome(status, Optional.of(code), error, snapshotId, stats);
    }

    Outcome withStats(JobStats newStats) {
        return new Outcome(status, exitCode, error, snapshotId, newStats);
    }

    /** The same, with something more to say; a success that has something to say is only partial. */
    Outcome butPartial(String problem) {
        return new Outcome(
                status == JobStatus.SUCCEEDED ? JobStatus.PARTIAL : status,
                exitCode,
                Optional.of(error.map(text -> text + "; " + problem).orElse(problem)),
                snapshotId,
                stats);
    }

    /** The same status, with something more to say. */
    Outcome withNote(String note) {
        return new Outcome(
                status,
                exitCode,
                Optional.of(error.map(text -> text + "; " + note).orElse(note)),
                snapshotId,
                stats);
    }

    /** Whether the repository holds another set of snapshots than before. */
    boolean madeSnapshot() {
        return snapshotId.isPresent();
    }
}
