package io.resticfleet.agent.job;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.HookCommands;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.SystemEncoding;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.ForgetResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A backup, with its hooks before and after, the repository made if it is the first, and its retention. */
final class BackupJob implements JobWork {

    private final JobRun job;
    private final JobContext context;
    private final ResticCalls restic;
    private final Schedule schedule;

    BackupJob(JobRun job, ResticCalls restic, Schedule schedule) {
        this.job = job;
        this.context = job.context();
        this.restic = restic;
        this.schedule = schedule;
    }

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        if (schedule.hooks().isEmpty()) {
            return withRetention(backUp());
        }
        HookCommands commands;
        try {
            commands = HookCommands.of(job.policy(), schedule.hooks());
        } catch (DeniedByPolicy e) {
            return withRetention(backUp())
                    .butPartial(ErrorCode.HOOKS_REFUSED, "the hooks of this schedule were not run: " + e.getMessage());
        }
        return withHooks(new HookRunner(job, schedule, commands));
    }

    private Outcome withHooks(HookRunner hooks) throws IOException, InterruptedException, JobAborted, ResticMissing {
        Outcome outcome;
        try {
            var problem = hooks.before();
            outcome = problem.isPresent()
                    ? Outcome.failed(ErrorCode.HOOK_FAILED, problem.get())
                    : withRetention(backUp());
        } catch (JobAborted e) {
            afterBreakingOff(hooks, e.status());
            throw e;
        } catch (AgentStopping | UncheckedIOException e) {
            throw e; // gone through again, later
        } catch (IOException | ResticMissing | RuntimeException e) {
            afterBreakingOff(hooks, JobStatus.FAILED);
            throw e;
        }
        var problem = hooks.after(outcome.status(), outcome.snapshotId());
        return problem.isPresent() ? outcome.butPartial(ErrorCode.HOOK_FAILED, problem.get()) : outcome;
    }

    /** What the hook before has done is to be undone, whatever came between; how the job ends is decided already. */
    private void afterBreakingOff(HookRunner hooks, JobStatus status) throws InterruptedException {
        try {
            hooks.after(status, Optional.empty()).ifPresent(job::say);
        } catch (IOException | JobAborted e) {
            job.say("the post hook broke off: " + e.getMessage());
        }
    }

    private Outcome backUp() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var unspeakable = SystemEncoding.problem(Stream.of(schedule.paths(), schedule.excludes(), schedule.tags())
                .flatMap(List::stream)
                .toList());
        if (unspeakable.isPresent()) {
            return Outcome.failed(ErrorCode.LOCALE, unspeakable.get());
        }
        var missing = schedule.paths().stream().filter(path -> !isThere(path)).toList();
        if (missing.size() == schedule.paths().size()) {
            return Outcome.failed(
                    ResticFailure.PATH_MISSING.code(), "none of the paths exist: " + String.join(", ", missing));
        }
        var unreachable = restic.unreachable();
        if (unreachable.isPresent()) {
            return unreachable.get();
        }
        var report = new BackupReport(job, context, missing);
        var result = call(report);
        if (ResticCalls.isNotFound(result)) {
            var url = restic.url();
            var initId = Ids.ofNeed(job.entry().jobId(), "init");
            if (!context.journal().knows(initId)) {
                var gone = wasThere();
                if (gone.isPresent()) {
                    return Outcome.failed(result.exitCode(), ErrorCode.REPOSITORY_GONE, gone.get());
                }
            }
            job.say("there is no repository yet at " + url + "; creating it");
            var made = job.need(JobEntry.needed(initId, new JobSpec.Init(), job.entry()));
            if (made.status() != JobStatus.SUCCEEDED) {
                return Outcome.failed(
                        result.exitCode(),
                        made.errorCode().orElseThrow(),
                        "the repository could not be created: "
                                + made.error().orElse(made.status().word()));
            }
            report = new BackupReport(job, context, missing);
            result = call(report);
        }
        var outcome = report.judge(result);
        if (outcome.madeSnapshot()) {
            context.known().used(restic.url(), context.clock().instant());
        }
        return outcome;
    }

    private Steps.Result call(BackupReport report) throws IOException, InterruptedException, JobAborted, ResticMissing {
        var command = ResticCommand.backup(schedule, schedule.paths(), restic.hostname());
        return restic.run("backup", command, report::heard);
    }

    /** Why a repository that is not there must not be made: it would hide that the old one is gone. */
    private Optional<String> wasThere() {
        var lastUsed = context.known().lastUsed(restic.url());
        if (lastUsed.isEmpty() && !restic.repositoryKnown()) {
            return context.known().lost()
                    ? Optional.of(
                            "the repository is not there, and as this machine's list of the repositories it used was"
                                    + " damaged, it may have been there before; it is not created. Is the disk mounted? If it is a"
                                    + " new one, make it with restic init")
                    : Optional.empty();
        }
        return Optional.of("the repository was there before"
                + lastUsed.map(at -> " (last used " + at + ")").orElse("")
                + " and is now gone; it is not created anew; is the disk mounted?");
    }

    private Outcome withRetention(Outcome outcome) throws InterruptedException {
        if (outcome.status() != JobStatus.SUCCEEDED || schedule.retention().isEmpty()) {
            return outcome;
        }
        var forgotten = forget();
        if (outcome.result() instanceof BackupResult made && forgotten.result() instanceof ForgetResult retention) {
            return outcome.withResult(made.withRetention(retention));
        }
        var note = "the backup is good, but old snapshots could not be removed: "
                + forgotten.error().orElse(forgotten.status().word());
        job.say(note);
        return outcome.withNote(forgotten.errorCode(), note);
    }

    /** However this ends, the snapshot is made. */
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

    /** A symbolic link that leads nowhere is there: restic saves the link. */
    private static boolean isThere(String path) {
        return Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS);
    }

    /** The paths of a list, not too many of them. */
    static String some(List<String> paths) {
        return String.join(", ", paths.subList(0, Math.min(5, paths.size()))) + (paths.size() > 5 ? ", …" : "");
    }
}
