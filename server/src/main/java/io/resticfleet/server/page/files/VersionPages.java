package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.live.Look;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.tree.FileVersions;
import io.resticfleet.server.tree.Trees;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Routes;
import java.util.List;

/** All versions of a file in the snapshots of a host. */
final class VersionPages {

    private final LivePages livePages;
    private final HostFrames frames;
    private final Trees trees;

    VersionPages(LivePages livePages, HostFrames frames, Trees trees) {
        this.livePages = livePages;
        this.frames = frames;
        this.trees = trees;
    }

    void install(Routes routes) {
        routes.page("/hosts/{host}/versions", Access.USER, ctx -> livePages.show(ctx, look -> screen(ctx, look)));
    }

    /** Looks for versions only for a whole page: they are not a part that changes by itself. */
    private VersionsScreen screen(Context ctx, Look look) {
        var status = frames.status(ctx);
        var path = PathFields.query(ctx)
                .orElseThrow(() -> Problem.invalid("required", "name the file as path or path_base64"));
        var field = PathField.of(path);
        var versions =
                look.wholePage() ? trees.versions(status.host().id(), path) : new FileVersions(path, List.of(), false);
        return new VersionsScreen(
                frames.of(ctx, status, "files", "/versions?" + field.query()),
                FileWords.readable(path.name().map(RawText::text).orElse("/")),
                FileWords.readable(path.parent().orElse(SnapshotPath.ROOT).path()),
                field,
                versions.items().stream().map(version -> row(version, path)).toList(),
                versions.incomplete()
                        ? "Some snapshots of this machine are not indexed, so that there may be more versions."
                        : "");
    }

    private static VersionsScreen.Row row(FileVersions.Version version, SnapshotPath path) {
        var ids = version.snapshotIds();
        var last = ids.get(0);
        boolean directory = version.type().equals("dir");
        return new VersionsScreen.Row(
                directory,
                version.size().isPresent() ? "" : directory ? "directory" : FileWords.type(version.type()),
                version.size(),
                version.mtime(),
                version.linkTarget().map(FileWords::readable).orElse(""),
                ids.get(ids.size() - 1),
                version.firstAt(),
                last,
                version.lastAt(),
                "/snapshots/" + last + "/files?"
                        + PathField.of(directory ? path : path.parent().orElse(SnapshotPath.ROOT))
                                .query(),
                ids.size());
    }
}
