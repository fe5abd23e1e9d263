package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.HookCommands;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * A job with the hooks of its schedule around everything that needs the repository, which the hooks may mount: removal of a
 * stale lock, the work, and the list of snapshots.
 */
record HookedJob(JobRun job, Schedule schedule, JobWork work) implements JobWork {

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        if (schedule.hooks().isEmpty()) {
            return work.run();
        }
        HookCommands commands;
        try {
            commands = HookCommands.of(job.policy(), schedule.hooks());
        } catch (DeniedByPolicy e) {
            return work.run().withProblem(e.code(), "the hooks of this schedule were not run: " + e.getMessage());
        }
        return between(new HookRunner(job, schedule, commands));
    }

    private Outcome between(HookRunner hooks) throws IOException, InterruptedException, JobAborted, ResticMissing {
        Outcome outcome;
        try {
            var problem = hooks.before();
            if (problem.isPresent()) {
                outcome = Outcome.failed(ErrorCode.HOOK_FAILED, problem.get());
            } else {
                outcome = work.run();
                job.upkeep(outcome.status());
            }
        } catch (JobAborted e) {
            runPostHookAfterFailure(hooks, e.status());
            throw e;
        } catch (AgentStopping | UncheckedIOException e) {
            throw e; // resumed later
        } catch (IOException | ResticMissing | RuntimeException e) {
            runPostHookAfterFailure(hooks, JobStatus.FAILED);
            throw e;
        }
        var problem = hooks.after(outcome.status(), outcome.snapshotId());
        return problem.isPresent() ? outcome.withProblem(ErrorCode.HOOK_FAILED, problem.get()) : outcome;
    }

    /** Runs the post hook after a failure, to undo what the pre hook did. Does not change the job's outcome. */
    private void runPostHookAfterFailure(HookRunner hooks, JobStatus status) throws InterruptedException {
        job.upkeep(status);
        try {
            hooks.after(status, Optional.empty()).ifPresent(job::logMessage);
        } catch (IOException | JobAborted e) {
            job.logMessage("the post hook was aborted: " + e.getMessage());
        }
    }
}
