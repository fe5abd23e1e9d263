package io.resticfleet.agent.job;

import io.resticfleet.protocol.JobStatus;

/** Ends a job's work from wherever it is. */
abstract sealed class JobEnds extends Exception {
    private static final long serialVersionUID = 1L;

    private final JobStatus status;

    private JobEnds(JobStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** How the job ends by this. */
    JobStatus status() {
        return status;
    }

    /** Somebody asked for it. */
    static final class Cancelled extends JobEnds {
        private static final long serialVersionUID = 1L;

        Cancelled() {
            super(JobStatus.CANCELLED, "stopped as somebody asked");
        }
    }

    /** A program was ended from outside, and nobody can know how far it came. */
    static final class Interrupted extends JobEnds {
        private static final long serialVersionUID = 1L;

        Interrupted() {
            super(
                    JobStatus.INTERRUPTED,
                    "the machine or the agent went down while this ran, or the program was killed; how it ended cannot"
                            + " be known. The next run makes up for it");
        }
    }
}
