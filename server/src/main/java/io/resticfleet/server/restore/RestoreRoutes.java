package io.resticfleet.server.restore;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The API of restores. */
public final class RestoreRoutes {

    private static final String WHOLE_ID = "[0-9a-f]{64}";

    private final Snapshots snapshots;
    private final Restores restores;

    public RestoreRoutes(Snapshots snapshots, Restores restores) {
        this.snapshots = snapshots;
        this.restores = restores;
    }

    /**
     * Where to.
     *
     * @param kind new_folder: a new directory below the agent's own, named after the job, which needs no permission; folder:
     *     another one, below which the files get their whole path; in_place: where they were
     * @param path of the kind folder only
     */
    record Target(String kind, Optional<String> path) {}

    /**
     * A restore.
     *
     * @param snapshotId whole, or at least its first 8 digits
     * @param hostId to which the files are restored; any host that uses the snapshot's repository
     * @param paths absolute, as in the snapshot, each with all below it; with paths_base64, 1 to 1,000
     * @param pathsBase64 paths that are not UTF-8, as base64 of their bytes
     * @param overwrite what happens to files that exist: never, if_newer, if_changed, always; never if left out
     * @param delete whether what is below the paths at the target, but not in the snapshot, is removed; false if left out
     * @param dryRun whether the job only lists what would change; false if left out
     * @param ownershipByName whether files get the owner with the same name, not the same number; false if left out
     */
    record Body(
            String snapshotId,
            HostId hostId,
            Optional<List<String>> paths,
            Optional<List<String>> pathsBase64,
            Target target,
            Optional<String> overwrite,
            Optional<Boolean> delete,
            Optional<Boolean> dryRun,
            Optional<Boolean> ownershipByName) {}

    public void install(Routes routes) {
        routes.post(
                        "/api/restores",
                        Access.USER,
                        "Restore files of a snapshot to a host, as a job; 409 restore_not_allowed has an approve_code, with which"
                                + " the machine's owner can allow it there",
                        this::start)
                .scope(Scope.RESTORE)
                .takes(Body.class)
                .answers(202, Restores.Started.class);
    }

    private void start(Context ctx) {
        var body = Requests.body(ctx, Body.class);
        var wrong = new ArrayList<Violation>();
        var parts = new Parts(wrong);
        var paths = parts.paths(body);
        var target = parts.one("target", "invalid_target", () -> target(body.target()));
        var overwrite = parts.one(
                "overwrite",
                "invalid_overwrite",
                () -> body.overwrite().map(Overwrite::of).orElse(Overwrite.NEVER));
        if (target.filter(where -> where.kind() == RestoreTarget.Kind.NEW_FOLDER)
                .isPresent()) {
            parts.refuse("overwrite", body.overwrite().isPresent() && !overwrite.equals(Optional.of(Overwrite.NEVER)));
            parts.refuse("delete", body.delete().orElse(false));
        }
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
        var located = snapshots.locate(body.snapshotId());
        if (!located.snapshot().id().matches(WHOLE_ID)) {
            throw Problem.conflict(
                    "not_listed_yet",
                    "of the snapshot " + body.snapshotId()
                            + " only the beginning of its id is known; refresh the list of snapshots first");
        }
        var restore = Requests.valid(
                "paths",
                "invalid_paths",
                all -> new Restore(
                        located.snapshot().id(),
                        all,
                        target.orElseThrow(),
                        overwrite.orElseThrow(),
                        body.delete().orElse(false),
                        body.dryRun().orElse(false),
                        body.ownershipByName().orElse(false)),
                paths);
        ctx.status(202).json(restores.start(Actor.of(ctx), Caller.of(ctx).userId(), body.hostId(), located, restore));
    }

    private static RestoreTarget target(Target target) {
        return new RestoreTarget(RestoreTarget.Kind.of(target.kind()), target.path());
    }

    /** Reads the parts of a body, and collects what is wrong with them. */
    private record Parts(List<Violation> wrong) {

        <T> Optional<T> one(String field, String code, Supplier<T> read) {
            try {
                return Optional.of(read.get());
            } catch (IllegalArgumentException e) {
                wrong.add(new Violation(field, code, e.getMessage()));
                return Optional.empty();
            }
        }

        void refuse(String field, boolean given) {
            if (given) {
                wrong.add(new Violation(
                        field, "not_allowed", "nothing is overwritten or deleted in a new folder; leave out " + field));
            }
        }

        /** Without repetitions. */
        List<SnapshotPath> paths(Body body) {
            var texts = body.paths().orElse(List.of());
            var coded = body.pathsBase64().orElse(List.of());
            int count = texts.size() + coded.size();
            if (count == 0) {
                wrong.add(new Violation("paths", "paths_required", "a restore needs at least one path"));
                return List.of();
            }
            if (count > Restore.MAX_PATHS) {
                wrong.add(new Violation(
                        "paths",
                        "too_many_paths",
                        "a restore has at most 1,000 paths, not " + count
                                + "; restore the directories that they are in"));
                return List.of();
            }
            var paths = new LinkedHashSet<SnapshotPath>();
            for (int i = 0; i < texts.size(); i++) {
                var text = texts.get(i);
                one("paths[" + i + "]", "invalid_path", () -> SnapshotPath.of(text))
                        .ifPresent(paths::add);
            }
            for (int i = 0; i < coded.size(); i++) {
                var text = coded.get(i);
                one("paths_base64[" + i + "]", "invalid_path", () -> new SnapshotPath("", Optional.of(text)))
                        .ifPresent(paths::add);
            }
            return List.copyOf(paths);
        }
    }
}
