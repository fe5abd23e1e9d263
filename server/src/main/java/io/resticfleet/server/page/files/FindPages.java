package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.live.Look;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.text.Figures;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.tree.FoundFiles;
import io.resticfleet.server.tree.Trees;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Optional;

/** Searches the names of files in all snapshots, of one host or of all. */
final class FindPages {

    private static final int PAGE_SIZE = 50;

    private final LivePages livePages;
    private final Frames frames;
    private final HostFrames hostFrames;
    private final Fleet fleet;
    private final Trees trees;

    FindPages(LivePages livePages, Frames frames, HostFrames hostFrames, Fleet fleet, Trees trees) {
        this.livePages = livePages;
        this.frames = frames;
        this.hostFrames = hostFrames;
        this.fleet = fleet;
        this.trees = trees;
    }

    void install(Routes routes) {
        routes.page("/find", Access.USER, ctx -> livePages.show(ctx, look -> ofAll(ctx, look)));
        routes.page("/hosts/{host}/files", Access.USER, ctx -> livePages.show(ctx, look -> ofHost(ctx, look)));
    }

    private FindScreen ofAll(Context ctx, Look look) {
        var query = query(ctx);
        var frame = frames.of(ctx, "find", "Find", "/api/find?q=" + PathField.escaped(query));
        return screen(ctx, look, frame, Optional.empty(), query);
    }

    private FindScreen ofHost(Context ctx, Look look) {
        var query = query(ctx);
        var host = hostFrames.of(ctx, hostFrames.status(ctx), "files", "");
        var api = "/api/find?host=" + host.hostId() + "&q=" + PathField.escaped(query);
        return screen(ctx, look, host.frame().showing(api), Optional.of(host), query);
    }

    private static String query(Context ctx) {
        return Requests.query(ctx, "q").map(String::strip).orElse("");
    }

    /** Searches only for a whole page: what is found is not a part that changes by itself. */
    private FindScreen screen(Context ctx, Look look, Frame frame, Optional<HostFrame> host, String query) {
        var hostId = host.map(HostFrame::hostId);
        if (query.isEmpty() || !look.wholePage()) {
            var incomplete = look.wholePage() ? incomplete(hostId, false) : "";
            return new FindScreen(frame, host, query, "", List.of(), incomplete, "");
        }
        try {
            var found = trees.find(query, hostId, new Page.Request(PAGE_SIZE, Requests.query(ctx, "cursor")));
            return screen(frame, host, query, found);
        } catch (Problem e) {
            ctx.status(e.status());
            return new FindScreen(frame, host, query, e.getMessage(), List.of(), "", "");
        }
    }

    private FindScreen screen(Frame frame, Optional<HostFrame> host, String query, FoundFiles found) {
        var path = host.map(one -> one.path("files")).orElse("/find");
        return new FindScreen(
                frame,
                host,
                query,
                "",
                found.items().stream().map(this::row).toList(),
                incomplete(host.map(HostFrame::hostId), found.incomplete()),
                found.nextCursor()
                        .map(next -> path + "?q=" + PathField.escaped(query) + "&cursor=" + PathField.escaped(next))
                        .orElse(""));
    }

    private FindScreen.Row row(FoundFiles.Item item) {
        var path = item.path();
        var directory = path.parent().orElse(SnapshotPath.ROOT);
        return new FindScreen.Row(
                FileWords.readable(path.name().map(RawText::text).orElse("/")),
                PathField.of(path),
                FileWords.readable(directory.path()),
                PathField.of(directory),
                item.hostId(),
                item.hostId()
                        .flatMap(id -> fleet.now().find(id))
                        .map(status -> status.host().name())
                        .orElse(item.hostname()),
                item.size().isPresent() ? "" : item.type().equals("dir") ? "directory" : FileWords.type(item.type()),
                item.size(),
                item.mtime(),
                item.lastSnapshotId(),
                item.versions());
    }

    private String incomplete(Optional<HostId> hostId, Boolean incomplete) {
        if (hostId.isEmpty()) {
            return incomplete ? "Some snapshots are not indexed yet, so that there may be more." : "";
        }
        var status = trees.status(hostId.get());
        return status.incomplete()
                ? Figures.count(status.snapshots() - status.indexed())
                        + " of " + Figures.count(status.snapshots(), "snapshot", "snapshots") + " are not indexed"
                        + (status.evicted() > 0
                                ? ", " + Figures.count(status.evicted()) + " of them for lack of room"
                                : " yet")
                        + ", so that there may be more."
                : incomplete ? "The names of some snapshots are not known yet, so that there may be more." : "";
    }
}
