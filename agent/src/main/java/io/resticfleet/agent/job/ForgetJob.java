package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Schedule;
import java.io.IOException;
import java.util.Optional;

/** Removes the host's snapshots that the schedule's retention does not keep. */
record ForgetJob(JobRun job, ResticCalls restic, Schedule schedule) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var held = job.context().history().holdsRetention();
        if (held.isPresent()) {
            return Outcome.failed(ErrorCode.RETENTION_HELD, "not run: " + held.get());
        }
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        return job.context().server().plansRetention()
                ? new PlannedRetention(job, restic).apply(schedule.retention())
                : new Retention(job, restic).apply(schedule.retention(), Optional.empty());
    }
}
