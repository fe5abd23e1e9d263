package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.RemovalRule;
import io.resticfleet.agent.restic.ForgetPlan;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.LeastKept;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.RetentionRule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Removes the snapshots that the server names, after a complete listing that the server has. The machine's owner may limit
 * what is removed, whatever the server asks for.
 */
final class PlannedRetention {

    private final JobRun job;
    private final ResticCalls restic;

    PlannedRetention(JobRun job, ResticCalls restic) {
        this.job = job;
        this.restic = restic;
    }

    Outcome apply(RetentionPolicy wanted) throws IOException, InterruptedException, JobAborted, ResticMissing {
        RetentionPolicy own;
        try {
            own = RemovalRule.retention(job.policy(), wanted);
        } catch (DeniedByPolicy e) {
            return Outcome.failed(e.code(), e.getMessage());
        }
        var repository = restic.repositoryId();
        if (repository.isEmpty()) {
            return Outcome.failed(ErrorCode.RETENTION_REFUSED, "the server has not named the repository; not run");
        }
        var takenAt = job.context().clock().instant();
        var listing = restic.run("list", restic.listing(), event -> {});
        if (listing.exitCode() != 0) {
            return ResticCalls.failed(listing);
        }
        var complaint = listing.stderr().lines().filter(line -> !line.isBlank()).findFirst();
        if (complaint.isPresent()) {
            return Outcome.failed(
                    ErrorCode.RETENTION_REFUSED,
                    "nothing is removed, as the list of snapshots may be incomplete: " + complaint.get());
        }
        var seen = FirstSeen.follow(job.context().state(), repository.get(), listing.stdout(), takenAt);
        var report = job.reportList(restic.config(), takenAt, listing.stdout());
        if (report.isEmpty()) {
            return Outcome.failed(
                    ErrorCode.SERVER_SILENT, "not run: the server has not received the list of snapshots");
        }
        var plan = job.ask(
                new ToServer.RetentionAsk(job.entry().jobId(), repository.get(), report.get()),
                ToAgent.RetentionPlan.class);
        if (plan.isEmpty()) {
            return Outcome.failed(
                    ErrorCode.SERVER_SILENT, "not run: the server has not answered which snapshots to remove");
        }
        if (plan.get().held().isPresent()) {
            return Outcome.failed(
                    ErrorCode.RETENTION_HELD, "not run: " + plan.get().held().get());
        }
        return remove(listing.stdout(), seen, limited(own, plan.get().remove()));
    }

    /** What the owner's own policy would remove, too, if it is the only one that applies. */
    private Set<String> limited(RetentionPolicy own, List<String> planned)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var wanted = new HashSet<>(planned);
        boolean local = job.policy()
                .rules()
                .retention()
                .filter(RetentionRule.LOCAL_ONLY::equals)
                .isPresent();
        if (!local || wanted.isEmpty()) {
            return wanted;
        }
        if (own.isEmpty() || !own.violations().isEmpty()) {
            return Set.of();
        }
        var preview = restic.run(
                "forget-preview",
                ResticCommand.forget(own, restic.hostname(), Optional.empty()).with("--dry-run"),
                event -> {});
        if (preview.exitCode() != 0) {
            throw new IOException("the machine's own retention policy cannot be tried: " + preview.stderr());
        }
        wanted.retainAll(ForgetPlan.read(preview.stdout()).removed().stream()
                .map(ForgetPlan.Listed::id)
                .collect(Collectors.toSet()));
        return wanted;
    }

    private Outcome remove(Path listing, FirstSeen seen, Set<String> wanted)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var rule = job.policy().rules().leastKept().orElse(LeastKept.DEFAULT);
        var least = OwnersLeast.of(
                listing, wanted, rule, seen, job.context().clock().instant());
        if (least.kept() > 0) {
            job.logMessage("retention: this machine keeps " + least.kept() + " more, by least_kept in "
                    + job.policy().file());
        }
        if (least.unknown() > 0) {
            job.logMessage("retention: " + least.unknown() + " snapshots to remove are not in the repository");
        }
        var commands = ResticCommand.forget(least.removable());
        if (!commands.isEmpty()) {
            job.context().snapshots().of(restic.config()).outdated();
        }
        for (int i = 0; i < commands.size(); i++) {
            var result = restic.run("forget-" + i, commands.get(i), event -> {});
            if (result.exitCode() != 0) {
                return ResticCalls.failed(result);
            }
            if (Retention.isRefused(result)) {
                return Outcome.failed(
                        0,
                        ResticFailure.FORBIDDEN.code(),
                        "the backup server refused to remove snapshots (append-only?); give the repository a maintainer");
            }
        }
        int removed = least.removable().size();
        job.logMessage("retention: " + removed + " snapshots removed, " + (least.total() - removed) + " kept");
        return Outcome.succeeded(0, new ForgetResult(least.total() - removed, removed));
    }
}
