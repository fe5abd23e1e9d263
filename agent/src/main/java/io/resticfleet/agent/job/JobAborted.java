package io.resticfleet.agent.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.PolicyDuration;

/** Ends a job from any point of its work. */
abstract sealed class JobAborted extends Exception {
    private static final long serialVersionUID = 1L;

    private final JobStatus status;

    private JobAborted(JobStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** The job's status. */
    JobStatus status() {
        return status;
    }

    ErrorCode code() {
        return ErrorCode.of(status.word());
    }

    /** Cancelled on request. */
    static final class Cancelled extends JobAborted {
        private static final long serialVersionUID = 1L;

        Cancelled() {
            super(JobStatus.CANCELLED, "cancelled on request");
        }
    }

    /** The job took longer than the machine's owner allows. */
    static final class TooLong extends JobAborted {
        private static final long serialVersionUID = 1L;

        TooLong(PolicyDuration limit) {
            super(
                    JobStatus.FAILED,
                    "stopped after " + limit + ", the longest run that the machine's owner allows (longest_run in the"
                            + " machine's policy)");
        }

        @Override
        ErrorCode code() {
            return ErrorCode.POLICY_RUN_TOO_LONG;
        }
    }

    /** A program was stopped from outside, and its progress is unknown. */
    static final class Interrupted extends JobAborted {
        private static final long serialVersionUID = 1L;

        Interrupted() {
            super(
                    JobStatus.INTERRUPTED,
                    "the machine or the agent stopped during this job, or the program was killed; its result is unknown."
                            + " The next run makes up for it");
        }
    }
}
