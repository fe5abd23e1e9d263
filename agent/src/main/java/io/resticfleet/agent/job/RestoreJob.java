package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.ResticVersion;
import io.resticfleet.agent.restore.RestoreRequest;
import io.resticfleet.agent.restore.Restores;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.RestoreTarget.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes files of a snapshot to this machine: lists what is wanted, checks that it may and can be written, restores it, and
 * compares what is there with the list. A new folder gets its final name once that is done.
 */
record RestoreJob(JobRun job, ResticCalls restic, Restore spec) implements JobWork {

    private static final String STEP = "restore";
    private static final String INCOMPLETE = ".incomplete";

    /** Of restic that is given a whole id, which it does not look up first. */
    private static final Pattern NO_SNAPSHOT = Pattern.compile(
            "failed to load snapshot .*(?:no such file or directory|does not exist|not found|\\b404\\b)");

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        boolean going = restic.takesOver(STEP);
        var refused = going ? Optional.<Outcome>empty() : unsupported();
        if (refused.isEmpty() && !going) {
            refused = unresponsive();
        }
        if (refused.isEmpty() && !going) {
            refused = notAdmitted().or(restic::unreachable);
        }
        if (refused.isPresent()) {
            return refused.get();
        }
        var context = job.context();
        var watch = new SpaceWatch(
                context.restores().space(), Map.of(context.state().root(), 0L));
        var listed =
                restic.run("list", ResticCommand.list(spec.snapshotId(), spec.paths()), event -> {}, watch::isScarce);
        if (watch.stoppedAt().isPresent()) {
            return Outcome.failed(
                    ErrorCode.NO_SPACE,
                    "nothing was restored: the disk of " + context.state().root()
                            + " is too full for the list of the snapshot's files");
        }
        if (listed.exitCode() != 0) {
            return NO_SNAPSHOT.matcher(listed.stderr()).find() ? noSnapshot() : ResticCalls.failed(listed);
        }
        var selection = new Selection(listed.stdout(), spec.paths());
        if (!selection.hasSnapshot()) {
            return noSnapshot();
        }
        var plan = RestorePlan.of(selection, spec, root(), ownPlaces());
        if (!going && plan.refusal().isPresent()) {
            return plan.refusal().get();
        }
        return spec.dryRun() && spec.target().kind() == Kind.NEW_FOLDER
                ? wouldRestoreAll(selection, plan)
                : restore(selection, plan);
    }

    private Outcome noSnapshot() {
        return Outcome.failed(
                ErrorCode.SNAPSHOT_NOT_FOUND,
                "nothing was restored: there is no snapshot " + spec.snapshotId() + " in the repository any more");
    }

    /** The failure if restic is too old for what is wanted. */
    private Optional<Outcome> unsupported() throws ResticMissing {
        var version = restic.version(STEP);
        if (spec.ownershipByName() && version.compareTo(ResticVersion.OWNERSHIP_BY_NAME) < 0) {
            return Optional.of(tooOld("ownership by name", ResticVersion.OWNERSHIP_BY_NAME, version));
        }
        if (spec.target().kind() != Kind.NEW_FOLDER && version.compareTo(ResticVersion.OVERWRITE) < 0) {
            return Optional.of(tooOld(
                    "a restore to other places than a new folder, as older ones overwrite every file",
                    ResticVersion.OVERWRITE,
                    version));
        }
        return Optional.empty();
    }

    private static Outcome tooOld(String what, ResticVersion needed, ResticVersion present) {
        return Outcome.failed(
                ErrorCode.RESTIC_TOO_OLD,
                "not run: " + what + " needs restic " + needed + ", and this machine has " + present);
    }

    /** The failure if a target hangs, as a dead network mount does: the job would hang with it. */
    private Optional<Outcome> unresponsive() throws InterruptedException {
        if (spec.target().kind() == Kind.NEW_FOLDER) {
            return Optional.empty();
        }
        var asks = new ArrayList<Ask.Path>();
        for (var directory : Restores.directories(spec, Restores.root(spec.target(), folder()))) {
            try {
                asks.add(new Ask.Path(directory.toString(), true));
            } catch (IllegalArgumentException e) {
                continue; // its name is not one that can be asked for
            }
        }
        var context = job.context();
        var found = context.paths().look(asks, context.limits().path());
        return asks.stream()
                .map(Ask.Path::path)
                .filter(path -> !found.containsKey(path))
                .findFirst()
                .map(path -> Outcome.failed(
                        ErrorCode.PATH_UNRESPONSIVE,
                        "nothing was restored: " + path + " did not respond, as with a dead network mount"));
    }

    private Optional<Outcome> notAdmitted() {
        var entry = job.entry();
        return job.context()
                .restores()
                .admit(new RestoreRequest(entry.repositoryId(), spec), entry.jobId(), job.policy())
                .map(refusal -> Outcome.failed(refusal.code(), refusal.why()));
    }

    private Stream<Path> ownPlaces() throws IOException {
        return Stream.concat(
                restores().ownPlaces().stream(), Stream.of(Path.of(job.policy().file())));
    }

    private Path folder() {
        return job.context().state().root().resolve("restores/" + job.entry().jobId());
    }

    /** The directory that is being filled. */
    private Path root() {
        var done = folder();
        var incomplete = done.resolveSibling(done.getFileName() + INCOMPLETE);
        return Restores.root(spec.target(), Files.isDirectory(done) ? done : incomplete);
    }

    private Outcome wouldRestoreAll(Selection selection, RestorePlan plan) throws IOException {
        var changes = new RestoreChanges(job, selection);
        selection.each(entry -> changes.add("restored", entry.path()));
        changes.end();
        return Outcome.succeeded(0, new RestoreResult(plan.entries(), plan.bytes(), 0, 0, 0, 0, Optional.empty()));
    }

    private Outcome restore(Selection selection, RestorePlan plan)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        var context = job.context();
        var root = root();
        boolean going = restic.takesOver(STEP);
        var watch = new SpaceWatch(context.restores().space(), needed(plan, root));
        var scarce = going || spec.dryRun() ? Optional.<Outcome>empty() : watch.lack();
        if (scarce.isPresent()) {
            return scarce.get();
        }
        var parents = new ParentAttributes(
                context.state(),
                context.journal().directory(job.entry().jobId()).resolve("parents.json"));
        if (!spec.dryRun()) {
            create(root);
            if (spec.target().kind() != Kind.NEW_FOLDER) {
                parents.keep(spec.paths().stream()
                        .map(path -> Restores.at(root, path))
                        .toList());
            }
        }
        var changes = new RestoreChanges(job, selection);
        var progress = new RestoreProgress(job, changes);
        Steps.Result ended;
        try {
            ended = restic.run(
                    STEP,
                    ResticCommand.restore(spec, root, restic.version(STEP)),
                    progress::onEvent,
                    spec.dryRun() ? () -> false : watch::isScarce);
        } catch (JobAborted e) {
            parents.restore();
            return Outcome.abortedBy(e)
                    .withNote(Optional.empty(), leftBehind(root))
                    .withResult(progress.soFar(root));
        }
        parents.restore()
                .forEach(directory ->
                        job.logMessage("the owner, mode and time of " + directory + " are those of the snapshot now"));
        double seconds =
                ended.startedAt().map(context::since).orElse(Duration.ZERO).toMillis() / 1000.0;
        if (spec.dryRun()) {
            changes.end();
            var result = changes.result(seconds, root);
            return ended.exitCode() == 0
                    ? Outcome.succeeded(0, result)
                    : ResticCalls.failed(ended).withResult(result);
        }
        if (watch.stoppedAt().isPresent()) {
            return Outcome.failed(
                            ended.exitCode(),
                            ErrorCode.NO_SPACE,
                            "restic was stopped, as the disk of "
                                    + watch.stoppedAt().get() + " became too full; " + leftBehind(root))
                    .withResult(progress.soFar(root));
        }
        return compared(selection, ended, progress, root, seconds);
    }

    /** The bytes that are needed, by where they are needed; also where the agent's results are stored, whatever is mounted below. */
    private Map<Path, Long> needed(RestorePlan plan, Path root) throws IOException {
        var needed = new LinkedHashMap<>(Map.of(root, 0L));
        needed.putIfAbsent(job.context().state().root(), 0L);
        var local = new LocalFiles(root);
        for (var each : plan.needed().entrySet()) {
            var places = local.find(each.getKey());
            needed.merge(places.isEmpty() ? root : places.get(0), each.getValue(), Long::sum);
        }
        return needed;
    }

    private Outcome compared(
            Selection selection, Steps.Result ended, RestoreProgress progress, Path root, double seconds)
            throws IOException {
        var check = new RestoreCheck(job, root, spec, progress.failures());
        selection.each(check::next);
        check.end();
        boolean complete = ended.exitCode() == 0 && check.failed() == 0;
        if (!complete && check.restored() == 0) {
            return ResticCalls.failed(ended)
                    .withNote(Optional.empty(), leftBehind(root))
                    .withResult(check.result(seconds, progress, root));
        }
        var place = complete ? finished(root) : root;
        var outcome = Outcome.succeeded(ended.exitCode(), check.result(seconds, progress, place));
        if (!complete) {
            return outcome.withProblem(
                    ErrorCode.RESTORE_INCOMPLETE,
                    (check.failed() == 0
                                    ? "restic reported errors, see the log; all files have the right size, but their content may differ"
                                    : check.describe())
                            + "; " + leftBehind(root));
        }
        for (var remark : restores().remarks(spec)) {
            outcome = outcome.withNote(Optional.empty(), remark);
        }
        return outcome;
    }

    private Restores restores() {
        return job.context().restores();
    }

    /** Gives a new folder its final name. */
    private Path finished(Path root) throws IOException {
        if (spec.target().kind() != Kind.NEW_FOLDER || root.equals(folder())) {
            return root;
        }
        return Files.move(root, folder(), StandardCopyOption.ATOMIC_MOVE);
    }

    private String leftBehind(Path root) {
        return switch (spec.target().kind()) {
            case NEW_FOLDER -> "what was restored is in " + root;
            case FOLDER -> "what was restored is below " + root + "; files there may be half written";
            case IN_PLACE ->
                "some files may be restored, one of them half written"
                        + (spec.overwrite() == Overwrite.NEVER
                                ? ", but no file that existed was changed; directories that existed may have the mode, owner and time of the snapshot"
                                : "");
        };
    }

    private void create(Path root) throws IOException {
        if (spec.target().kind() == Kind.NEW_FOLDER) {
            job.context().state().directory(root);
        } else if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }
}
