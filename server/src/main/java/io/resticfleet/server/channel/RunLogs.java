package io.resticfleet.server.channel;

import io.resticfleet.protocol.JobId;

/** Reads logs of runs. */
public interface RunLogs {

    /** The end of a run's log, as far as it was received; empty without one. */
    String tail(JobId jobId);
}
