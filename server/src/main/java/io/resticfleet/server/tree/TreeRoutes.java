package io.resticfleet.server.tree;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Optional;

/** The API of what is in snapshots. */
public final class TreeRoutes {

    private final Trees trees;

    public TreeRoutes(Trees trees) {
        this.trees = trees;
    }

    public void install(Routes routes) {
        routes.get(
                        "/api/snapshots/{snapshot}/tree",
                        Access.USER,
                        "A directory of a snapshot; without a path the one that has all that was backed up",
                        ctx -> ctx.json(trees.list(
                                Caller.of(ctx).userId(), ctx.pathParam("snapshot"), path(ctx), Page.Request.of(ctx))))
                .queries(Query.text("path"), Query.text("path_base64"))
                .paged()
                .answers(200, TreeListing.class);
        routes.get(
                        "/api/snapshots/{snapshot}/diff/{other}",
                        Access.USER,
                        "What differs from one snapshot to another",
                        ctx -> ctx.json(
                                trees.diff(ctx.pathParam("snapshot"), ctx.pathParam("other"), Page.Request.of(ctx))))
                .paged()
                .answers(200, TreeDiff.class);
        routes.get(
                        "/api/hosts/{host}/versions",
                        Access.USER,
                        "What the snapshots of the host have at a path, the newest version first",
                        ctx -> ctx.json(trees.versions(Requests.host(ctx), requiredPath(ctx))))
                .queries(Query.text("path"), Query.text("path_base64"))
                .answers(200, FileVersions.class);
        routes.get(
                        "/api/find",
                        Access.USER,
                        "Files by a part of the name, or by a pattern with *, ? or [; with a / by the path",
                        ctx -> ctx.json(trees.find(
                                Requests.query(ctx, "q")
                                        .orElseThrow(() -> Problem.invalid("invalid_query", "q is what to look for")),
                                Requests.query(ctx, "host").map(TreeRoutes::host),
                                Page.Request.of(ctx))))
                .queries(Query.text("q"), Query.text("host"))
                .paged()
                .answers(200, FoundFiles.class);
    }

    private static HostId host(String text) {
        if (!Id.matches(text)) {
            throw Problem.notFound("host " + text);
        }
        return new HostId(text);
    }

    private static SnapshotPath requiredPath(Context ctx) {
        return path(ctx).orElseThrow(() -> Problem.invalid("invalid_path", "path names a file or a directory"));
    }

    /**
     * The path of a request; absent if it has none.
     *
     * @throws Problem 400 {@code invalid_path}
     */
    static Optional<SnapshotPath> path(Context ctx) {
        var encoded = Requests.query(ctx, "path_base64");
        var text = Optional.ofNullable(ctx.queryParam("path")).filter(path -> !path.isEmpty());
        if (text.isEmpty() && encoded.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                Requests.valid("path", "invalid_path", given -> new SnapshotPath(given.orElse("/"), encoded), text));
    }
}
