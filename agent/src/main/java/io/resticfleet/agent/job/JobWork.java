package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticMissing;
import java.io.IOException;

/** What a job of one kind does, between the start and the end that all jobs have. {@link JobWorks} lists them. */
interface JobWork {

    /** Gone through again from the beginning if the agent is restarted; a step that has ended is read, not repeated. */
    Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing;
}
