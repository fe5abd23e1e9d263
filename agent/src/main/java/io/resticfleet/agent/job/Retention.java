package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ForgetPlan;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.RetentionPolicy;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

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
    Outcome apply(RetentionPolicy policy, Optional<String> tag)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
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
        var complete = job.context().history().completeSnapshots();
        var removed = plan.removed().stream()
                .filter(id -> complete.stream().noneMatch(id::startsWith)) // restic 0.14 reports short ids
                .toList();
        int spared = plan.removed().size() - removed.size();
        var figures = new ForgetResult(plan.kept() + spared, removed.size());
        if (removed.isEmpty()) {
            job.logMessage("retention: nothing to remove, " + figures.snapshotsKept() + " snapshots kept");
            return Outcome.succeeded(0, figures);
        }
        if (spared > 0) {
            job.logMessage("retention: keeps the last complete snapshot as well");
            command = ResticCommand.forget(removed);
        }
        var result = restic.run("forget", command, event -> {});
        if (result.exitCode() != 0) {
            return ResticCalls.failed(result);
        }
        if (NOT_REMOVED.matcher(result.stderr()).find()) {
            return Outcome.failed(
                    0,
                    ResticFailure.FORBIDDEN.code(),
                    "the backup server refused to remove snapshots (append-only?); run forget from a host that may");
        }
        job.logMessage("retention: " + removed.size() + " snapshots removed, " + figures.snapshotsKept() + " kept");
        return Outcome.succeeded(0, figures);
    }
}
