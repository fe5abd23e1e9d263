package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticMissing;
import java.io.IOException;

/** The work of one kind of job, between the start and the end that all kinds share. {@link JobWorks} lists them. */
interface JobWork {

    /** Does the work. Called again after a restart of the agent; steps that have ended are then read, not repeated. */
    Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing;
}
