package io.resticfleet.agent.job;

import io.resticfleet.agent.job.SourceHistory.Completeness;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The output of one {@code restic backup}, and the outcome that it means. Success requires exit code 0, a summary, a
 * snapshot, and that every path has what it had in the last good run.
 */
final class BackupReport {

    private static final int MAX_LISTED = 1_000;

    private final JobRun job;
    private final JobContext context;
    private final Schedule schedule;
    private final Sources sources;
    private final Set<String> missing;

    /** The schedule's paths, as restic reports them. */
    private final Set<String> roots;

    /** Reasons by path, of the first {@link #MAX_LISTED} files that could not be read. */
    private final Map<String, String> listed = new LinkedHashMap<>();

    private long unreadable;

    /** Whether one of {@link #roots} could not be read at all. */
    private boolean pathUnreadable;

    private Optional<ResticEvent.Summary> summary = Optional.empty();
    private Completeness completeness = Completeness.HELD;
    private OptionalLong progressAt = OptionalLong.empty();

    BackupReport(JobRun job, JobContext context, Schedule schedule, Sources sources) {
        this.job = job;
        this.context = context;
        this.schedule = schedule;
        this.sources = sources;
        this.missing = new LinkedHashSet<>(sources.missing());
        this.roots =
                schedule.paths().stream().map(path -> Path.of(path).toString()).collect(Collectors.toSet());
    }

    void onEvent(ResticEvent event) {
        if (event instanceof ResticEvent.Status status) {
            progress(status);
        } else if (event instanceof ResticEvent.Unreadable file) {
            unreadable(file);
        } else if (event instanceof ResticEvent.PathMissing path) {
            missing.add(path.path());
        } else if (event instanceof ResticEvent.Summary found) {
            summary = Optional.of(found);
        }
    }

    private void unreadable(ResticEvent.Unreadable file) {
        unreadable++;
        pathUnreadable |= roots.contains(file.path());
        if (listed.size() < MAX_LISTED) {
            listed.put(file.path(), file.why());
            job.logRestic("cannot read " + file.path() + ": " + file.why());
        }
    }

    /** The outcome, after restic has ended. */
    Outcome outcome(Steps.Result result) {
        var snapshotId = summary.flatMap(ResticEvent.Summary::snapshotId);
        if (result.exitCode() != 0 && (result.exitCode() != 3 || snapshotId.isEmpty())) {
            var failed = ResticCalls.failed(result);
            return summary.map(found -> failed.withResult(found.figures())).orElse(failed);
        }
        if (snapshotId.isEmpty()) {
            return Outcome.failed(
                    0, ResticFailure.UNKNOWN.code(), "restic exited with 0 but did not report a snapshot");
        }
        var figures = summary.orElseThrow().figures().withErrors(unreadable);
        if (unreadable > listed.size()) {
            job.logMessage("of %d files that could not be read, only the first %d are listed above"
                    .formatted(unreadable, listed.size()));
        }
        job.logMessage(describe(snapshotId.get(), figures));
        var outcome = new Outcome(
                JobStatus.SUCCEEDED,
                Optional.of(result.exitCode()),
                Optional.empty(),
                Optional.empty(),
                snapshotId,
                figures);
        if (!missing.isEmpty()) {
            outcome = outcome.withProblem(
                    ResticFailure.PATH_MISSING.code(),
                    "these paths do not exist: " + BackupJob.firstFive(List.copyOf(missing), missing.size()));
        }
        var reading = Reading.of(sources, figures.totalFilesProcessed());
        var problems =
                new SourceProblems(schedule, sources, reading, context.history().lastGood(schedule), context.paths());
        outcome = problems.withPathProblems(outcome);
        if (pathUnreadable) {
            outcome = withUnreadable(outcome, result);
        }
        boolean acceptable = outcome.status() == JobStatus.SUCCEEDED;
        outcome = problems.withReadingProblems(outcome);
        boolean held = outcome.status() != JobStatus.SUCCEEDED;
        if (!pathUnreadable) {
            outcome = withUnreadable(outcome, result);
        }
        completeness = held
                ? Completeness.HELD
                : outcome.status() == JobStatus.SUCCEEDED ? Completeness.COMPLETE : Completeness.SOME_FILES_MISSING;
        context.history()
                .ended(
                        schedule,
                        job.entry().jobId(),
                        Optional.of(reading).filter(any -> acceptable),
                        snapshotId.get(),
                        completeness);
        return outcome;
    }

    /** How much was saved, after {@link #outcome}. */
    Completeness completeness() {
        return completeness;
    }

    /**
     * The snapshot of an outcome with one.
     *
     * @param paths that were passed to restic
     */
    MadeSnapshot made(Outcome outcome, Steps.Result result, List<String> paths, String hostname) {
        var found = summary.orElseThrow();
        var id = outcome.snapshotId().orElseThrow();
        var made = MadeSnapshot.of(
                SnapshotChecksums.isId(id)
                        ? id
                        : context.environment().cache().snapshotId(id).orElse(id),
                found,
                result.startedAt());
        boolean hasAllPaths = missing.isEmpty() && !pathUnreadable && (unreadable > 0 || result.exitCode() == 0);
        return context.program()
                .findVersion()
                .filter(version -> hasAllPaths)
                .map(version -> made.withRow(schedule, paths, hostname, version))
                .orElse(made);
    }

    private Outcome withUnreadable(Outcome before, Steps.Result result) {
        var outcome = before;
        if (unreadable > 0) {
            var files = listed.entrySet().stream()
                    .map(file -> file.getKey() + " (" + file.getValue() + ")")
                    .toList();
            outcome = outcome.withProblem(
                    ResticFailure.FILES_UNREADABLE.code(),
                    unreadable + " files could not be read: " + BackupJob.firstFive(files, unreadable));
        }
        return result.exitCode() == 3 && unreadable == 0 && missing.isEmpty()
                ? outcome.withProblem(
                        ResticFailure.FILES_UNREADABLE.code(), ResticFailure.FILES_UNREADABLE.explain(result.stderr()))
                : outcome;
    }

    /** Sends progress: the first event at once, then at most one a second. */
    private void progress(ResticEvent.Status status) {
        long now = context.nanos().getAsLong();
        if (progressAt.isPresent() && now - progressAt.getAsLong() < TimeUnit.SECONDS.toNanos(1)) {
            return;
        }
        progressAt = OptionalLong.of(now);
        var redactor = context.credentials().redactor();
        context.progress()
                .accept(new ToServer.JobProgress(
                        job.entry().jobId(),
                        status.fractionDone(),
                        status.filesDone(),
                        status.totalFiles(),
                        status.bytesDone(),
                        status.totalBytes(),
                        status.errorCount(),
                        status.secondsRemaining(),
                        status.currentFile().map(redactor::redact)));
    }

    private static String describe(String snapshotId, BackupResult figures) {
        return String.format(
                Locale.ROOT,
                "made snapshot %s: %d files new, %d changed, %d unmodified; %s read, %s added, in %.1f s",
                snapshotId.substring(0, Math.min(8, snapshotId.length())),
                figures.filesNew(),
                figures.filesChanged(),
                figures.filesUnmodified(),
                mebibytes(figures.totalBytesProcessed()),
                mebibytes(figures.dataAdded()),
                figures.totalDuration());
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
