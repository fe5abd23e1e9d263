package io.resticfleet.agent.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RunLimit;

/** Ends a job's work from wherever it is. */
abstract sealed class JobAborted extends Exception {
    private static final long serialVersionUID = 1L;

    private final JobStatus status;

    private JobAborted(JobStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** How the job ends by this. */
    JobStatus status() {
        return status;
    }

    ErrorCode code() {
        return ErrorCode.of(status.word());
    }

    /** Somebody asked for it. */
    static final class Cancelled extends JobAborted {
        private static final long serialVersionUID = 1L;

        Cancelled() {
            super(JobStatus.CANCELLED, "stopped as somebody asked");
        }
    }

    /** It took longer than the machine's owner allows. */
    static final class TooLong extends JobAborted {
        private static final long serialVersionUID = 1L;

        TooLong(RunLimit limit) {
            super(
                    JobStatus.FAILED,
                    "stopped, as it took longer than " + limit + ", which is the longest run that this machine's owner"
                            + " allows (longest_run of the machine's policy)");
        }

        @Override
        ErrorCode code() {
            return ErrorCode.POLICY_RUN_TOO_LONG;
        }
    }

    /** A program was ended from outside, and nobody can know how far it came. */
    static final class Interrupted extends JobAborted {
        private static final long serialVersionUID = 1L;

        Interrupted() {
            super(
                    JobStatus.INTERRUPTED,
                    "the machine or the agent went down while this ran, or the program was killed; how it ended cannot"
                            + " be known. The next run makes up for it");
        }
    }
}
