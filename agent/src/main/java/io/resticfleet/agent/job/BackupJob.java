package io.resticfleet.agent.job;

import io.resticfleet.agent.job.SourceHistory.Completeness;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.SystemEncoding;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A backup: the backup itself, after creation of the repository if there is none yet, then retention. */
final class BackupJob implements JobWork {

    private final JobRun job;
    private final JobContext context;
    private final ResticCalls restic;
    private final Schedule schedule;
    private Completeness completeness = Completeness.HELD;

    BackupJob(JobRun job, ResticCalls restic, Schedule schedule) {
        this.job = job;
        this.context = job.context();
        this.restic = restic;
        this.schedule = schedule;
    }

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        return withRetention(backUp());
    }

    private Outcome backUp() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unencodable = SystemEncoding.problem(Stream.of(schedule.paths(), schedule.excludes(), schedule.tags())
                .flatMap(List::stream)
                .toList());
        if (unencodable.isPresent()) {
            return Outcome.failed(ErrorCode.LOCALE, unencodable.get());
        }
        var sources = Sources.of(job, schedule);
        var missing = sources.missing();
        var unresponsive = sources.unresponsive(schedule);
        if (missing.size() + unresponsive.size() == schedule.paths().size()) {
            return unresponsive.isEmpty()
                    ? Outcome.failed(
                            ErrorCode.PATH_MISSING, "none of the paths exist: " + firstFive(missing, missing.size()))
                    : Outcome.failed(
                            ErrorCode.PATH_UNRESPONSIVE,
                            "none of the paths responds: " + firstFive(unresponsive, unresponsive.size())
                                    + "; is a network mount dead?");
        }
        var paths = schedule.paths().stream()
                .filter(path -> !unresponsive.contains(path))
                .toList();
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var doubt = doubt();
        if (doubt.isPresent()) {
            return doubt.get();
        }
        var report = new BackupReport(job, context, schedule, sources);
        var result = call(report, paths);
        if (ResticCalls.isNotFound(result)) {
            var url = restic.url();
            var initId = Ids.ofNeed(job.entry().jobId(), "init");
            if (!context.journal().knows(initId)) {
                var gone = refusalToCreate();
                if (gone.isPresent()) {
                    return Outcome.failed(result.exitCode(), ErrorCode.REPOSITORY_GONE, gone.get());
                }
            }
            job.logMessage("there is no repository yet at " + url + "; creating it");
            var made = job.runNeeded(JobEntry.needed(initId, JobSpec.once(JobKind.INIT), job.entry()));
            if (made.status() != JobStatus.SUCCEEDED) {
                return Outcome.failed(
                        result.exitCode(),
                        made.errorCode().orElseThrow(),
                        "the repository could not be created: "
                                + made.error().orElse(made.status().word()));
            }
            report = new BackupReport(job, context, schedule, sources);
            result = call(report, paths);
        }
        var outcome = report.outcome(result);
        completeness = report.completeness();
        if (outcome.madeSnapshot()) {
            var made = report.made(outcome, result, paths, restic.hostname());
            context.snapshots().of(restic.config()).made(restic.config(), made);
            context.known().used(restic.url(), context.clock().instant());
        }
        return outcome;
    }

    private Steps.Result call(BackupReport report, List<String> paths)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var command = ResticCommand.backup(schedule, paths, restic.hostname());
        return restic.run("backup", command, report::onEvent);
    }

    /** Why a repository that this machine created must not be used yet; empty if there is no reason, or no repository. */
    private Optional<Outcome> doubt() throws IOException, InterruptedException, JobAborted, ResticMissing {
        return context.known().unproven(restic.url())
                ? new CreationProof(job, restic)
                        .problem()
                        .filter(problem -> !problem.errorCode().equals(Optional.of(ErrorCode.REPO_NOT_FOUND)))
                : Optional.empty();
    }

    /** Why a missing repository must not be created: that would hide the loss of the old one. */
    private Optional<String> refusalToCreate() {
        var lastUsed = context.known().lastUsed(restic.url());
        if (lastUsed.isEmpty() && !restic.repositoryKnown()) {
            return context.known().lost()
                    ? Optional.of(
                            "the repository is missing and may have been there before, as this machine's list of the"
                                    + " repositories it used was damaged; it is not created. Is the disk mounted? If the"
                                    + " repository is new, create it with restic init")
                    : Optional.empty();
        }
        return Optional.of("the repository was there before"
                + lastUsed.map(at -> " (last used " + at + ")").orElse("")
                + " and is now missing; it is not created again; is the disk mounted?");
    }

    private Outcome withRetention(Outcome outcome) throws InterruptedException {
        if (!outcome.madeSnapshot()
                || schedule.retention().isEmpty()
                || context.server().plansRetention()) { // which then starts a forget
            return outcome;
        }
        if (completeness == Completeness.HELD) {
            job.logMessage("retention: no snapshots are removed, as this backup is not complete");
            return outcome;
        }
        if (completeness == Completeness.SOME_FILES_MISSING
                && context.history().completeSnapshot(schedule.id()).isEmpty()) {
            job.logMessage(
                    "retention: no snapshots are removed, as some files could not be read and no snapshot of this"
                            + " schedule is known to be complete");
            return outcome;
        }
        var forgotten = forget();
        if (outcome.result() instanceof BackupResult made && forgotten.result() instanceof ForgetResult retention) {
            return outcome.withResult(made.withRetention(retention));
        }
        var note = (outcome.status() == JobStatus.SUCCEEDED ? "the backup succeeded, but " : "")
                + "old snapshots could not be removed: "
                + forgotten.error().orElse(forgotten.status().word());
        job.logMessage(note);
        return outcome.withNote(forgotten.errorCode(), note);
    }

    /** Applies the retention. Never throws for a failure, as the snapshot exists already. */
    private Outcome forget() throws InterruptedException {
        try {
            return new Retention(job, restic).apply(schedule.retention(), Optional.of(schedule.tag()));
        } catch (JobAborted e) {
            return Outcome.abortedBy(e);
        } catch (ResticMissing e) {
            return Outcome.failed(ErrorCode.RESTIC_MISSING, e.getMessage());
        } catch (IOException e) {
            return Outcome.failed(ErrorCode.AGENT_ERROR, String.valueOf(e.getMessage()));
        }
    }

    /**
     * The first five of a list, and how many more there are.
     *
     * @param total number of all, which may be more than are listed
     */
    static String firstFive(List<String> paths, long total) {
        var first = paths.subList(0, Math.min(5, paths.size()));
        return String.join(", ", first) + (total > first.size() ? " and " + (total - first.size()) + " more" : "");
    }
}
