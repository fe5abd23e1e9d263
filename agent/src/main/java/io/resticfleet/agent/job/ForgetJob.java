package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import java.io.IOException;
import java.util.Optional;

/** Removes snapshots that retention does not keep: that of the schedule, or those of backup schedules if there is none. */
record ForgetJob(JobRun job, ResticCalls restic, Optional<Schedule> schedule) implements JobWork {

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
        var wanted = schedule.map(Schedule::retention).orElse(RetentionPolicy.NONE);
        return job.context().server().plansRetention()
                ? new PlannedRetention(job, restic).apply(wanted)
                : new Retention(job, restic).apply(wanted, Optional.empty());
    }
}
