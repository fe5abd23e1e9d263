package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.tree.TreeDiff;
import io.resticfleet.server.tree.Trees;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** Compares a snapshot with another one of the same host: the one before it, unless another is chosen. */
final class DiffPages {

    private static final int PAGE_SIZE = 200;

    private final Html html;
    private final SnapshotFrames frames;
    private final Trees trees;

    DiffPages(Html html, SnapshotFrames frames, Trees trees) {
        this.html = html;
        this.frames = frames;
        this.trees = trees;
    }

    void install(Routes routes) {
        routes.page("/snapshots/{snapshot}/diff", Access.USER, this::show);
    }

    private void show(Context ctx) {
        var located = frames.located(ctx);
        var with = Requests.query(ctx, "with")
                .map(id -> frames.located(id).snapshot())
                .or(() -> frames.previous(located))
                .map(SnapshotFrame.Other::of);
        if (with.isEmpty()) {
            answer(
                    ctx,
                    located,
                    with,
                    "There is no earlier snapshot of the same paths to compare it with. You can choose another one.");
            return;
        }
        try {
            var page = new Page.Request(PAGE_SIZE, Requests.query(ctx, "cursor"));
            var diff = trees.diff(with.get().id(), located.snapshot().id(), page);
            html.answer(
                    ctx,
                    "files/diff.jte",
                    screen(frame(ctx, located, with), with.get(), diff, nothing(located, with.get(), diff)));
        } catch (Problem e) {
            ctx.status(e.status());
            answer(ctx, located, with, e.getMessage() + ".");
        }
    }

    private void answer(Context ctx, LocatedSnapshot located, Optional<SnapshotFrame.Other> with, String notice) {
        html.answer(
                ctx,
                "files/diff.jte",
                new DiffScreen(frame(ctx, located, with), with, 0, 0, List.of(), "", "", notice));
    }

    private SnapshotFrame frame(Context ctx, LocatedSnapshot located, Optional<SnapshotFrame.Other> with) {
        var api = with.map(other -> "/api/snapshots/" + other.id() + "/diff/"
                        + located.snapshot().id())
                .orElse("");
        return frames.of(ctx, located, "diff", "Changes", api);
    }

    private String nothing(LocatedSnapshot located, SnapshotFrame.Other with, TreeDiff diff) {
        return diff.items().isEmpty()
                        && trees.differ(with.id(), located.snapshot().id())
                ? "No name, size, time or owner of a file differs; contents or attributes of directories do."
                : "Nothing differs.";
    }

    private static DiffScreen screen(SnapshotFrame frame, SnapshotFrame.Other with, TreeDiff diff, String nothing) {
        var directories = new LinkedHashMap<SnapshotPath, List<DiffScreen.Row>>();
        for (var item : diff.items()) {
            var directory = item.path().parent().orElse(SnapshotPath.ROOT);
            directories.computeIfAbsent(directory, any -> new ArrayList<>()).add(row(item));
        }
        return new DiffScreen(
                frame,
                Optional.of(with),
                diff.addedBytes(),
                diff.removedBytes(),
                directories.entrySet().stream()
                        .map(entry -> new DiffScreen.Directory(
                                FileWords.readable(entry.getKey().path()),
                                PathField.of(entry.getKey()),
                                entry.getValue()))
                        .toList(),
                diff.nextCursor()
                        .map(next -> frame.path("diff") + "?with=" + with.id() + "&cursor=" + PathField.escaped(next))
                        .orElse(""),
                nothing,
                "");
    }

    private static DiffScreen.Row row(TreeDiff.Item item) {
        long grown = item.sizeAfter().orElse(0L) - item.sizeBefore().orElse(0L);
        return new DiffScreen.Row(
                FileWords.readable(item.path().name().map(RawText::text).orElse("/")),
                PathField.of(item.path()),
                switch (item.change()) {
                    case ADDED -> "ok";
                    case REMOVED -> "off";
                    case CHANGED -> "run";
                    case TYPE -> "warn";
                },
                switch (item.change()) {
                    case ADDED -> "new";
                    case REMOVED -> "gone";
                    case CHANGED -> "changed";
                    case TYPE -> "another type";
                },
                item.type().equals("dir"),
                item.change() == TreeDiff.Change.REMOVED,
                item.sizeBefore(),
                item.sizeAfter(),
                grown);
    }
}
