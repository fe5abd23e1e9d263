package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ListedFile;
import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.SnapshotList;
import io.resticfleet.agent.restic.StreamedRun;
import io.resticfleet.protocol.Drill;
import io.resticfleet.protocol.DrillResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Restores files of the latest snapshot to a directory of the agent's own, compares them, and removes them again. restic
 * verifies what it has restored against the snapshot; files that have not changed on the machine since are compared with
 * it, too.
 *
 * @param random chooses the files
 */
record DrillJob(JobRun job, ResticCalls restic, Drill spec, Random random) implements JobWork {

    /** Free space that a drill leaves, as results are stored on the same disk. */
    static final long FREE_FLOOR = 512L * 1024 * 1024;

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int MAX_NAMED = 5;

    /** What a job that is resumed needs to know again. */
    record Plan(String snapshotId, DrillChoice.Chosen chosen) {}

    /** A plan, or why there is none. */
    private record Planned(Optional<Plan> plan, Optional<Outcome> failure) {

        static Planned failed(Outcome outcome) {
            return new Planned(Optional.empty(), Optional.of(outcome));
        }
    }

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var directory = new DrillDirectory(job.context().state(), job.entry().jobId());
        DrillDirectory.removeLeft(
                job.context().state(), id -> !id.equals(job.entry().jobId().value()));
        directory.create();
        boolean resumed = false;
        try {
            return drill(directory);
        } catch (AgentStopping e) {
            resumed = true;
            throw e;
        } finally {
            if (!resumed) {
                directory.remove();
            }
        }
    }

    private Outcome drill(DrillDirectory directory)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        boolean takenOver = restic.takesOver("restore");
        var known = takenOver ? job.context().state().readJson(directory.choice(), Plan.class) : Optional.<Plan>empty();
        if (known.isEmpty()) {
            var unreachable = restic.unreachable();
            if (unreachable.isPresent()) {
                return unreachable.get();
            }
        }
        var planned = known.isPresent() ? new Planned(known, Optional.empty()) : plan(directory);
        return planned.failure().isPresent()
                ? planned.failure().get()
                : restore(directory, planned.plan().orElseThrow(), takenOver);
    }

    private Planned plan(DrillDirectory directory) throws IOException, InterruptedException, JobAborted, ResticMissing {
        var tag = spec.ofSchedule().map(id -> Schedule.TAG_PREFIX + id);
        var listed = restic.run("snapshots", ResticCommand.snapshots(restic.hostname(), tag), event -> {});
        if (listed.exitCode() != 0) {
            return Planned.failed(ResticCalls.failed(listed));
        }
        var latest = new AtomicReference<Snapshot>();
        SnapshotList.read(listed.stdout(), snapshot -> {
            boolean newer =
                    latest.get() == null || snapshot.time().isAfter(latest.get().time());
            if (newer && !snapshot.tags().contains(ResticCommand.PROBE_TAG)) {
                latest.set(snapshot);
            }
        });
        if (latest.get() == null) {
            return Planned.failed(Outcome.failed(
                    ErrorCode.SNAPSHOT_NOT_FOUND,
                    "the repository has no snapshot of this machine" + (tag.isPresent() ? " by that schedule" : "")
                            + " that could be restored"));
        }
        return choose(directory, latest.get().id());
    }

    private Planned choose(DrillDirectory directory, String snapshotId)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var choice = new DrillChoice(spec.sample(), spec.canaries(), random);
        var names = new NameCheck();
        StreamedRun.End end;
        try (var listing = restic.stream(ResticCommand.listAll(snapshotId), directory.listingErrors())) {
            end = beside(
                    "drill-listing",
                    () -> listing.read(line -> {
                        var node = ListedFile.parse(line);
                        node.ifPresent(entry -> names.add(entry.path(), entry.type()));
                        node.flatMap(ListedFile.Node::file).ifPresent(choice::add);
                    }));
        }
        if (end.exitCode() != 0) {
            var failure = ResticFailure.classify(end.exitCode(), end.stderr());
            return Planned.failed(Outcome.failed(end.exitCode(), failure.code(), failure.explain(end.stderr())));
        }
        if (names.problem().isPresent()) {
            return Planned.failed(Outcome.failed(
                    ErrorCode.UNSAFE_TARGET,
                    "nothing was restored: " + names.problem().get()));
        }
        var missing = choice.missing();
        if (!missing.isEmpty()) {
            return Planned.failed(Outcome.failed(
                    ErrorCode.DRILL_CANARY_MISSING,
                    "the latest snapshot " + snapshotId.substring(0, 8) + " has no file " + some(missing)));
        }
        long room = job.context().state().reserve().usable() - FREE_FLOOR;
        if (room <= choice.canaryBytes()) {
            return Planned.failed(Outcome.failed(
                    ErrorCode.NO_SPACE,
                    "too little free space on the disk of "
                            + job.context().state().root() + ": a drill leaves " + (FREE_FLOOR >> 20) + " MiB free"));
        }
        var chosen = choice.choose(room);
        if (chosen.files().isEmpty()) {
            return Planned.failed(Outcome.failed(
                    ErrorCode.DRILL_EMPTY,
                    chosen.snapshotFiles() == 0
                            ? "the snapshot has no files"
                            : "none of the snapshot's " + chosen.snapshotFiles() + " files that were tried fits"));
        }
        if (chosen.bytes() == 0 && chosen.snapshotBytes() > 0) {
            return Planned.failed(Outcome.failed(
                    ErrorCode.DRILL_EMPTY, "only empty files fit, which would prove nothing of the others"));
        }
        var plan = new Plan(snapshotId, chosen);
        job.context().state().writeJson(directory.choice(), plan);
        return new Planned(Optional.of(plan), Optional.empty());
    }

    private Outcome restore(DrillDirectory directory, Plan plan, boolean takenOver)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var chosen = plan.chosen();
        job.logMessage("restoring " + chosen.files().size() + " of " + chosen.snapshotFiles() + " files, "
                + chosen.bytes() + " bytes, to " + directory.target());
        var errors = new RestoreErrors();
        var patterns = chosen.files().stream().map(ListedFile::pattern).toList();
        var scarce = new AtomicBoolean();
        var ended = restic.run(
                "restore",
                ResticCommand.restore(plan.snapshotId(), directory.target(), patterns),
                errors::accept,
                () -> {
                    if (job.context().state().reserve().usable() < FREE_FLOOR / 2) {
                        scarce.set(true); // the sizes in the list can be wrong
                    }
                    return scarce.get();
                });
        if (scarce.get()) {
            return Outcome.failed(
                    ended.exitCode(),
                    ErrorCode.NO_SPACE,
                    "restic was stopped, as the disk of "
                            + job.context().state().root() + " became too full");
        }
        var took = ended.startedAt().filter(at -> !takenOver).map(job.context()::since);
        boolean metadataOnly = ended.exitCode() != 0 && errors.onlyMetadata();
        if (ended.exitCode() != 0 && !metadataOnly) {
            return notRestored(ended, errors);
        }
        if (metadataOnly) {
            job.logMessage("owners or attributes could not be restored here; the content is compared all the same");
        }
        var restored = new RestoredFiles(directory.target(), chosen.files());
        var wrong = restored.incomplete();
        if (wrong.isEmpty()) {
            compare(restored);
            wrong = restored.different();
        }
        var result = new DrillResult(
                chosen.files().size() - wrong.size(),
                chosen.bytes(),
                took.map(time -> time.toMillis() / 1_000.0),
                restored.compared(),
                chosen.canaries(),
                chosen.leftOut(),
                chosen.snapshotFiles(),
                chosen.snapshotBytes(),
                Optional.of(plan.snapshotId()));
        if (!wrong.isEmpty()) {
            return Outcome.failed(
                            ended.exitCode(),
                            ErrorCode.DRILL_MISMATCH,
                            wrong.size() + " of " + chosen.files().size() + " restored files are wrong: " + some(wrong))
                    .withResult(result);
        }
        job.logMessage(restored.compared() + " of " + chosen.files().size()
                + " files are unchanged on this machine, and equal what was restored; the others were verified against"
                + " the snapshot");
        return Outcome.succeeded(0, result);
    }

    /** restic since 0.17 prints a damaged file as an error like any other. */
    private static Outcome notRestored(Steps.Result ended, RestoreErrors errors) {
        var failed = ResticCalls.failed(ended);
        return failed.errorCode().equals(Optional.of(ErrorCode.UNKNOWN))
                        && errors.first().isPresent()
                ? Outcome.failed(
                        ended.exitCode(),
                        ErrorCode.DRILL_MISMATCH,
                        "restic could not restore or verify a file: "
                                + errors.first().get())
                : failed;
    }

    /** Compares on another thread, as the machine's own files may be on a mount that does not respond. */
    private void compare(RestoredFiles restored) throws IOException, InterruptedException, JobAborted {
        var context = job.context();
        var task = new FutureTask<>(restored::compare, restored);
        context.threads().start("drill-compare", task);
        long done = -1;
        long since = context.nanos().getAsLong();
        while (!task.isDone()) {
            job.pause(LOOK);
            long now = context.nanos().getAsLong();
            if (restored.blocks() != done) {
                done = restored.blocks();
                since = now;
            } else if (now - since > context.limits().path().toNanos()) {
                job.logMessage(
                        "a file of this machine does not respond, as on a dead network mount; the other files were"
                                + " verified against the snapshot only");
                return;
            }
        }
        result(task);
    }

    private <T> T beside(String name, Callable<T> work) throws IOException, InterruptedException, JobAborted {
        var task = new FutureTask<>(work);
        job.context().threads().start(name, task);
        while (!task.isDone()) {
            job.pause(LOOK);
        }
        return result(task);
    }

    private static <T> T result(FutureTask<T> task) throws IOException, InterruptedException {
        try {
            return task.get();
        } catch (CancellationException | ExecutionException e) {
            throw e.getCause() instanceof IOException cause
                    ? cause
                    : new IOException("a part of the drill failed", e.getCause());
        }
    }

    private static String some(List<String> items) {
        var named = String.join(", ", items.subList(0, Math.min(MAX_NAMED, items.size())));
        return items.size() > MAX_NAMED ? named + " and " + (items.size() - MAX_NAMED) + " more" : named;
    }
}
