package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.RemovalRule;
import io.resticfleet.agent.restic.ForgetPlan;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Applies a retention policy after checking its effect with {@code --dry-run}: for some input restic 0.14 removes every
 * snapshot and reports success, where later versions refuse. Always keeps the last complete snapshot of each schedule.
 */
final class Retention {

    /** Messages of restic 0.18, which exits with 0 although an append-only server removed nothing. */
    private static final Pattern NOT_REMOVED = Pattern.compile("unable to remove snapshot/|403 Forbidden");

    private final JobRun job;
    private final ResticCalls restic;

    Retention(JobRun job, ResticCalls restic) {
        this.job = job;
        this.restic = restic;
    }

    /** @param tag limits it to snapshots with this tag; absent for all of the host's */
    Outcome apply(RetentionPolicy wanted, Optional<String> tag)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        RetentionPolicy policy;
        try {
            policy = RemovalRule.retention(job.policy(), wanted);
        } catch (DeniedByPolicy e) {
            return Outcome.failed(e.code(), e.getMessage());
        }
        if (policy.isEmpty() || !policy.violations().isEmpty()) {
            return Outcome.failed(
                    ErrorCode.RETENTION_REFUSED,
                    "the retention policy keeps nothing, which would delete every snapshot; not run");
        }
        var command = ResticCommand.forget(policy, restic.hostname(), tag);
        var preview = restic.run("forget-preview", command.with("--dry-run"), event -> {});
        if (preview.exitCode() != 0) {
            return ResticCalls.failed(preview);
        }
        var plan = ForgetPlan.read(preview.stdout());
        if (!plan.emptied().isEmpty()) {
            return Outcome.failed(
                    ErrorCode.RETENTION_REFUSED,
                    "not run: the policy would remove every snapshot of " + plan.emptied());
        }
        var removed = removable(plan);
        int spared = plan.removed().size() - removed.size();
        var figures = new ForgetResult(plan.kept().size() + spared, removed.size());
        if (spared > 0) {
            job.logMessage(
                    "retention: keeps " + spared + " more: the last complete snapshot of each schedule, or all of a"
                            + " schedule if none of them is known to be complete");
        }
        if (removed.isEmpty()) {
            job.logMessage("retention: nothing to remove, " + figures.snapshotsKept() + " snapshots kept");
            return Outcome.succeeded(0, figures);
        }
        job.context().snapshots().of(restic.config()).outdated();
        var commands = spared > 0 ? ResticCommand.forget(removed) : List.of(command);
        for (int i = 0; i < commands.size(); i++) {
            var result = restic.run(i == 0 ? "forget" : "forget-" + i, commands.get(i), event -> {});
            if (result.exitCode() != 0) {
                return ResticCalls.failed(result);
            }
            if (isRefused(result)) {
                return Outcome.failed(
                        0,
                        ResticFailure.FORBIDDEN.code(),
                        "the backup server refused to remove snapshots (append-only?); run forget from a host that may");
            }
        }
        job.logMessage("retention: " + removed.size() + " snapshots removed, " + figures.snapshotsKept() + " kept");
        return Outcome.succeeded(0, figures);
    }

    /** Whether an append-only server removed nothing, although restic 0.18 exited with 0. */
    static boolean isRefused(Steps.Result result) {
        return NOT_REMOVED.matcher(result.stderr()).find();
    }

    /**
     * Ids of the snapshots to remove: not the last complete one of a schedule, nor any of a schedule whose last complete one
     * is unknown or is not in the repository.
     */
    private List<String> removable(ForgetPlan plan) {
        var history = job.context().history();
        var complete = history.completeSnapshots();
        var uncertain = plan.removed().stream()
                .flatMap(Retention::schedules)
                .distinct()
                .filter(id -> !history.isDeleted(id)
                        && history.completeSnapshot(id).filter(plan::lists).isEmpty())
                .collect(Collectors.toSet());
        return plan.removed().stream()
                .filter(snapshot -> complete.stream().noneMatch(snapshot::is)
                        && schedules(snapshot).noneMatch(uncertain::contains))
                .map(ForgetPlan.Listed::id)
                .toList();
    }

    /** The schedules that made a snapshot: one, or none if it was not made by this agent. */
    private static Stream<ScheduleId> schedules(ForgetPlan.Listed snapshot) {
        return snapshot.tags().stream()
                .filter(tag -> tag.startsWith(Schedule.TAG_PREFIX))
                .map(tag -> tag.substring(Schedule.TAG_PREFIX.length()))
                .filter(Id::matches)
                .map(ScheduleId::new);
    }
}
