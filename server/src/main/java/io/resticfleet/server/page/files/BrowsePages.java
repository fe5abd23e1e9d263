package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.tree.TreeListing;
import io.resticfleet.server.tree.Trees;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The directories of a snapshot, and what of them was chosen to restore. */
final class BrowsePages {

    private static final int PAGE_SIZE = 200;
    private static final String FILES = "/snapshots/{snapshot}/files";

    private final Html html;
    private final SnapshotFrames frames;
    private final Snapshots snapshots;
    private final Trees trees;
    private final Baskets baskets;

    BrowsePages(Html html, SnapshotFrames frames, Snapshots snapshots, Trees trees, Baskets baskets) {
        this.html = html;
        this.frames = frames;
        this.snapshots = snapshots;
        this.trees = trees;
        this.baskets = baskets;
    }

    void install(Routes routes) {
        routes.page(FILES, Access.USER, this::show);
        routes.page("/hosts/{host}/restore", Access.USER, this::latest);
        routes.form("/snapshots/{snapshot}/choose", Access.USER, this::choose);
    }

    /** Leads to the files of the host's latest snapshot, or to the host if it has none. */
    private void latest(Context ctx) {
        var hostId = Requests.host(ctx);
        var newest =
                snapshots.list(hostId, new Page.Request(1, Optional.empty())).items();
        Redirects.to(
                ctx,
                newest.isEmpty()
                        ? "/hosts/" + hostId
                        : "/snapshots/" + newest.get(0).id() + "/files");
    }

    private void show(Context ctx) {
        var located = frames.located(ctx);
        var wanted = PathFields.query(ctx);
        var cursor = Requests.query(ctx, "cursor");
        try {
            var listing = trees.list(
                    Caller.of(ctx).userId(), located.snapshot().id(), wanted, new Page.Request(PAGE_SIZE, cursor));
            html.answer(ctx, "files/browse.jte", screen(ctx, located, listing, cursor));
        } catch (Problem e) { // other snapshots may have it
            ctx.status(e.status());
            html.answer(ctx, "files/browse.jte", screen(ctx, located, wanted.orElse(SnapshotPath.ROOT), e));
        }
    }

    private BrowseScreen screen(Context ctx, LocatedSnapshot located, TreeListing listing, Optional<String> cursor) {
        var here = PathField.of(listing.path());
        var chosen = baskets.of(Caller.of(ctx).userId(), located.snapshot().id());
        return new BrowseScreen(
                frame(ctx, located, here),
                steps(listing.path()),
                here,
                here.query()
                        + cursor.map(at -> "&cursor=" + PathField.escaped(at)).orElse(""),
                chosen.has(listing.path()),
                listing.entries().stream()
                        .map(entry -> FileRow.of(entry, chosen.has(entry.path())))
                        .toList(),
                listing.total(),
                listing.indexed(),
                listing.nextCursor()
                        .map(next -> "/snapshots/" + located.snapshot().id() + "/files?" + here.query() + "&cursor="
                                + PathField.escaped(next))
                        .orElse(""),
                "");
    }

    private BrowseScreen screen(Context ctx, LocatedSnapshot located, SnapshotPath path, Problem problem) {
        var here = PathField.of(path);
        return new BrowseScreen(
                frame(ctx, located, here),
                steps(path),
                here,
                here.query(),
                false,
                List.of(),
                0,
                true,
                "",
                problem.code().equals("not_found")
                        ? FileWords.readable(path.path()) + " is not in this snapshot"
                        : problem.getMessage());
    }

    private SnapshotFrame frame(Context ctx, LocatedSnapshot located, PathField here) {
        return frames.of(
                ctx,
                located,
                "files",
                "Files",
                "/api/snapshots/" + located.snapshot().id() + "/tree?" + here.query());
    }

    private static List<BrowseScreen.Step> steps(SnapshotPath path) {
        var steps = new ArrayList<BrowseScreen.Step>();
        for (var at = Optional.of(path); at.isPresent(); at = at.get().parent()) {
            var name = at.get().name().map(RawText::text).orElse("/");
            steps.add(0, new BrowseScreen.Step(FileWords.readable(name), PathField.of(at.get())));
        }
        return steps;
    }

    /** Changes what was chosen, and shows the directory again, or the form that restores it. */
    private void choose(Context ctx) {
        var snapshot = frames.located(ctx).snapshot();
        var userId = Caller.of(ctx).userId();
        var paths = PathFields.form(ctx);
        var then = Requests.field(ctx, "then");
        switch (then) {
            case "remove" -> baskets.remove(userId, snapshot.id(), paths);
            case "clear" -> baskets.clear(userId, snapshot.id());
            default -> baskets.add(userId, snapshot.id(), paths);
        }
        var here = Requests.field(ctx, "here");
        Redirects.to(ctx, "/snapshots/" + snapshot.id() + (then.equals("stay") ? "/files?" + here(here) : "/restore"));
    }

    /** The query of the page that was open; nothing else is redirected to. */
    private static String here(String query) {
        return query.matches("path(_base64)?=[^\\r\\n#]{0,65536}") ? query : "";
    }
}
