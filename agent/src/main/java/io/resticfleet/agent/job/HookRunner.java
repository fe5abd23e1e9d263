package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.HookCommands;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The operator's commands before and after a job. They receive facts as environment variables, never pasted into the
 * command.
 */
final class HookRunner {

    private final JobRun job;
    private final Schedule schedule;
    private final HookCommands commands;

    /** @param commands the schedule's hooks, as allowed by this machine's policy */
    HookRunner(JobRun job, Schedule schedule, HookCommands commands) {
        this.job = job;
        this.schedule = schedule;
        this.commands = commands;
    }

    /** Runs the pre hook; returns its problem, if any. */
    Optional<String> before() throws IOException, InterruptedException, JobAborted {
        return commands.pre().isEmpty()
                ? Optional.empty()
                : problem("pre", job.hook("pre", commands.pre().get(), facts("pre"), Steps.OnCancel.STOP));
    }

    /** Runs the post hook, whatever the outcome of the job; returns its problem, if any. */
    Optional<String> after(JobStatus status, Optional<String> snapshotId)
            throws IOException, InterruptedException, JobAborted {
        if (commands.post().isEmpty()) {
            return Optional.empty();
        }
        var facts = facts("post");
        facts.put("RESTIC_FLEET_STATUS", status.word());
        snapshotId.ifPresent(id -> facts.put("RESTIC_FLEET_SNAPSHOT_ID", id));
        return problem("post", job.hook("post", commands.post().get(), facts, Steps.OnCancel.GO_ON));
    }

    private Map<String, String> facts(String hook) {
        var facts = new LinkedHashMap<String, String>();
        facts.put("RESTIC_FLEET_HOOK", hook);
        facts.put("RESTIC_FLEET_JOB_ID", job.entry().jobId().value());
        facts.put("RESTIC_FLEET_SCHEDULE_ID", schedule.id().value());
        facts.put("RESTIC_FLEET_SCHEDULE_NAME", schedule.name());
        return facts;
    }

    private static Optional<String> problem(String hook, Steps.Result result) {
        if (result.stopped()) {
            return Optional.of("the " + hook + " hook took too long and was stopped");
        }
        return result.exitCode() == 0
                ? Optional.empty()
                : Optional.of("the " + hook + " hook failed with exit code " + result.exitCode());
    }
}
