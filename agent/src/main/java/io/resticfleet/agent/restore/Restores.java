package io.resticfleet.agent.restore;

import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticPath;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.PermissionReport;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Decides about restores on this machine.
 *
 * @param stateDir the agent's, absolute
 * @param capabilities of the agent's process
 */
public record Restores(
        PolicyFile policy, Approvals approvals, FreeSpace space, Path stateDir, Capabilities capabilities) {

    /** Of this process on this machine. */
    public static Restores of(PolicyFile policy, StateDirectory state, InstantSource clock, FreeSpace space) {
        return new Restores(policy, new Approvals(state, clock), space, state.root(), Capabilities.own());
    }

    /** A restore is refused. */
    public record Refusal(ErrorCode code, String why) {}

    /**
     * The directory below which files get their whole path.
     *
     * @param newFolder the directory of a restore to a new one
     */
    public static Path root(RestoreTarget target, Path newFolder) {
        return switch (target.kind()) {
            case NEW_FOLDER -> newFolder;
            case FOLDER -> Path.of(target.path().orElseThrow());
            case IN_PLACE -> Path.of("/");
        };
    }

    /**
     * The answer to the server; stores a request that the owner may approve. Without a look at the place if the owner allows no
     * questions; the job looks.
     */
    public PermissionReport permission(RestoreRequest request, String origin) {
        var restore = request.restore();
        var present = policy.look();
        boolean looks = !present.questions().equals(Optional.of(OnOff.OFF));
        var refusal = looks ? unsafe(restore) : Optional.<Refusal>empty();
        if (refusal.isPresent()) {
            return PermissionReport.refused(refusal.get().code(), refusal.get().why());
        }
        var remarks = looks ? remarks(restore) : List.<String>of();
        var why = byPolicy(present, restore);
        if (why.isEmpty() || approvals.approved(request)) {
            return PermissionReport.allowed(remarks);
        }
        return approvals
                .request(request, origin)
                .map(code -> PermissionReport.needsApproval(code, why.get(), remarks))
                .orElseGet(() -> PermissionReport.refused(
                        ErrorCode.RESTORE_NOT_ALLOWED,
                        why.get() + "; 20 other requests wait for the owner's approval already, each for a day"));
    }

    /** Checks everything again as the job starts, and uses the approval if it needs one. */
    public Optional<Refusal> admit(RestoreRequest request, JobId jobId, HostPolicy present) {
        var refusal = unsafe(request.restore());
        if (refusal.isPresent()) {
            return refusal;
        }
        return byPolicy(present, request.restore())
                .filter(why -> !approvals.use(request, jobId))
                .map(why -> new Refusal(ErrorCode.RESTORE_NOT_ALLOWED, why));
    }

    /**
     * Why the policy does not allow it, as a sentence; empty if it does. A dry run writes nothing, but its result is an answer
     * about the machine.
     */
    private static Optional<String> byPolicy(HostPolicy policy, Restore restore) {
        var target = restore.target();
        if (restore.dryRun() && !policy.questions().equals(Optional.of(OnOff.OFF))) {
            return Optional.empty();
        }
        boolean allowed = switch (target.kind()) {
            case NEW_FOLDER -> true;
            case FOLDER -> isBelowRoot(policy, Path.of(target.path().orElseThrow()));
            case IN_PLACE -> policy.restoreInPlace();
        };
        var field = target.kind() == RestoreTarget.Kind.IN_PLACE ? "restore_in_place" : "restore_roots";
        var where = policy.problem()
                .map(why -> policy.file() + " on the machine cannot be used: " + why)
                .orElse(field + " in " + policy.file() + " on the machine");
        return allowed
                ? Optional.empty()
                : Optional.of("this machine's owner has not allowed the server to restore "
                        + (target.kind() == RestoreTarget.Kind.IN_PLACE
                                ? "files in place"
                                : "into " + target.path().orElseThrow())
                        + " (" + where + ")" + sharedRoot(policy, target).orElse(""));
    }

    /** The allowed directory that does not count, as others could redirect what is written there. */
    private static Optional<String> sharedRoot(HostPolicy policy, RestoreTarget target) {
        for (var root : policy.restoreRoots()) {
            try {
                var real = Path.of(root).toRealPath();
                var shared = Place.changeableByOthers(real);
                if (shared.isPresent()
                        && target.path()
                                .filter(path -> Path.of(path).startsWith(real))
                                .isPresent()) {
                    return Optional.of("; " + root + " does not count, as others than root and the agent can change "
                            + shared.get());
                }
            } catch (IOException e) {
                continue; // it does not exist
            }
        }
        return Optional.empty();
    }

    /** Only a directory that nobody else can change is one: others could otherwise redirect what is written there. */
    private static boolean isBelowRoot(HostPolicy policy, Path directory) {
        return policy.restoreRoots().stream().anyMatch(root -> {
            try {
                var real = Path.of(root).toRealPath();
                return directory.startsWith(real)
                        && Place.changeableByOthers(real).isEmpty();
            } catch (IOException e) {
                return false; // it does not exist
            }
        });
    }

    /** Why it is refused even with the permission of the policy or an approval. */
    private Optional<Refusal> unsafe(Restore restore) {
        if (restore.target().kind() == RestoreTarget.Kind.NEW_FOLDER) {
            return Optional.empty();
        }
        var root = root(restore.target(), stateDir);
        try {
            var own = stateDir.toRealPath();
            for (var directory : directories(restore, root)) {
                var problem = directory.startsWith(own)
                        ? Optional.of(directory + " is in the agent's own directory")
                        : Place.problem(directory);
                if (problem.isPresent()) {
                    return Optional.of(new Refusal(ErrorCode.UNSAFE_TARGET, "nothing is restored: " + problem.get()));
                }
                var closest = Place.closest(directory);
                if (!restore.dryRun() && !Files.isWritable(closest)) {
                    return Optional.of(new Refusal(
                            ErrorCode.PERMISSION_DENIED,
                            "nothing is restored: the agent may not write in " + closest + capabilities.explain()));
                }
            }
            for (var path : restore.paths()) {
                var place = at(root, path);
                if (restore.delete()) {
                    var removed = ownPlaces().stream()
                            .filter(each -> each.startsWith(place))
                            .findFirst();
                    if (removed.isPresent()) {
                        return Optional.of(new Refusal(
                                ErrorCode.UNSAFE_TARGET,
                                "nothing is restored: " + place + " has in it the agent's own " + removed.get()
                                        + ", which could be removed"));
                    }
                }
                if (place.startsWith(own)) {
                    return Optional.of(new Refusal(
                            ErrorCode.UNSAFE_TARGET,
                            "nothing is restored: " + place + " is in the agent's own directory"));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Refusal(
                    ErrorCode.UNSAFE_TARGET, "nothing is restored: the target cannot be checked: " + e.getMessage()));
        }
    }

    /** What a restore must neither write nor remove, by the paths as configured and by those without links. */
    public List<Path> ownPlaces() throws IOException {
        var places = new ArrayList<Path>();
        for (var own : List.of(stateDir, policy.file())) {
            places.add(own);
            if (Files.exists(own)) {
                places.add(own.toRealPath());
            }
            if (Files.exists(own.getParent())) {
                places.add(own.getParent().toRealPath().resolve(own.getFileName())); // which may be a link itself
            }
        }
        return places;
    }

    /** The target itself, and the directories in which the restored files or directories are. */
    public static List<Path> directories(Restore restore, Path root) {
        var directories = new ArrayList<Path>(List.of(root));
        var known = new HashSet<Path>();
        for (var path : restore.paths()) {
            var parent = at(root, path).getParent();
            if (parent != null && known.add(parent)) {
                directories.add(parent);
            }
        }
        return directories;
    }

    /** Where a path of a snapshot is restored to. */
    public static Path at(Path root, SnapshotPath path) {
        if (path.equals(SnapshotPath.ROOT)) {
            return root;
        }
        var local = ResticPath.local(path.raw());
        return root.resolve(Path.of("/").relativize(local));
    }

    /** What to know beforehand of a restore on this machine. */
    public List<String> remarks(Restore restore) {
        var remarks = new ArrayList<String>();
        capabilities.chownProblem().ifPresent(remarks::add);
        if (restore.target().kind() != RestoreTarget.Kind.NEW_FOLDER) {
            try {
                var root = root(restore.target(), stateDir);
                for (var directory : directories(restore, root)) {
                    var shared = Place.changeableByOthers(directory);
                    if (shared.isPresent()) {
                        remarks.add(shared.get()
                                + " can be changed by others than root and the agent, who could redirect what"
                                + " is written there while the restore runs");
                        break;
                    }
                }
            } catch (IOException e) {
                remarks.add("the target's owners are not known: " + e.getMessage());
            }
        }
        return remarks;
    }
}
