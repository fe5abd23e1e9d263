package io.resticfleet.agent.job;

import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.RestoreTarget.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares what is at the target with the list of the snapshot: existence, type and size. restic compares the content. */
final class RestoreCheck {

    private static final int MAX_LOGGED = 1_000;

    private final JobRun job;
    private final Path root;
    private final boolean mayStay;
    private final Map<String, String> reported;
    private final LocalFiles local;
    private final List<String> first = new ArrayList<>();
    private long restored;
    private long bytes;
    private long failed;
    private long sockets;

    /** @param reported reasons of restic, by path */
    RestoreCheck(JobRun job, Path root, Restore spec, Map<String, String> reported) {
        this.job = job;
        this.root = root;
        this.mayStay = spec.target().kind() != Kind.NEW_FOLDER
                && (spec.overwrite() == Overwrite.NEVER || spec.overwrite() == Overwrite.IF_NEWER);
        this.reported = reported;
        this.local = new LocalFiles(root);
    }

    void next(Selection.Entry entry) throws IOException {
        if (!entry.isRestored()) {
            sockets++;
            return;
        }
        var problem = Optional.ofNullable(reported.get(entry.path())).or(() -> Optional.of("it is not there"));
        for (var place : local.find(entry.path())) {
            var there = LocalFiles.at(place);
            if (there.isPresent()) {
                problem = wrong(entry, there.get());
            }
            if (problem.isEmpty()) {
                break; // of several with names that look the same, one is right
            }
        }
        if (problem.isEmpty()) {
            restored++;
            bytes += entry.isFile() ? entry.size() : 0;
            return;
        }
        failed++;
        if (first.size() < MAX_LOGGED) {
            first.add(entry.path());
            job.logMessage("not restored: " + entry.path() + ": " + problem.get());
        }
    }

    private Optional<String> wrong(Selection.Entry entry, BasicFileAttributes there) {
        var own = Optional.ofNullable(reported.get(entry.path()));
        if (own.isPresent()) {
            return own;
        }
        if (entry.isDirectory() != there.isDirectory()) {
            return Optional.of("it is something else on this machine");
        }
        if (mayStay || entry.isDirectory()) {
            return Optional.empty();
        }
        if (entry.isFile() != there.isRegularFile() || entry.type().equals("symlink") != there.isSymbolicLink()) {
            return Optional.of("it is something else on this machine");
        }
        return entry.isFile() && entry.size() != there.size()
                ? Optional.of("it has " + there.size() + " bytes instead of " + entry.size())
                : Optional.empty();
    }

    void end() {
        if (failed > first.size()) {
            job.logMessage("… and " + (failed - first.size()) + " more that were not restored");
        }
        if (sockets > 0) {
            job.logMessage("left out " + sockets + " sockets, which only a running program can make");
        }
    }

    /** Number of entries that are as in the snapshot, or were to be left as they are. */
    long restored() {
        return restored;
    }

    long failed() {
        return failed;
    }

    /** The first that failed. */
    String describe() {
        return failed + (failed == 1 ? " entry was" : " entries were") + " not restored: "
                + BackupJob.firstFive(first, failed);
    }

    RestoreResult result(double seconds, RestoreProgress progress, Path place) {
        return new RestoreResult(
                restored, bytes, seconds, failed, progress.kept(), progress.removed(), Optional.of(place.toString()));
    }
}
