package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.tree.TreeDiff;
import io.resticfleet.server.tree.Trees;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What grew in a backup, for the page of its job: compared with the snapshot before it, if both are indexed. */
final class GrowthPages {

    private static final int PAGE_SIZE = 1_000;
    private static final int MAX_PAGES = 10;
    private static final int MOST_FILES = 8;
    private static final int MOST_DIRECTORIES = 4;

    private final Html html;
    private final Frames frames;
    private final SnapshotFrames snapshots;
    private final Jobs jobs;
    private final Trees trees;

    GrowthPages(Html html, Frames frames, SnapshotFrames snapshots, Jobs jobs, Trees trees) {
        this.html = html;
        this.frames = frames;
        this.snapshots = snapshots;
        this.jobs = jobs;
        this.trees = trees;
    }

    void install(Routes routes) {
        routes.page("/jobs/{job}/growth", Access.USER, this::show);
    }

    private void show(Context ctx) {
        var job = jobs.get(Requests.job(ctx));
        var snapshotId = job.snapshotId().orElse("");
        var growth = sinceLast(snapshotId);
        html.answer(
                ctx,
                "files/growth.jte",
                new GrowthScreen(frames.of(ctx, "activity", "What grew", ""), job.id(), snapshotId, growth));
    }

    private GrowthScreen.Growth sinceLast(String snapshotId) {
        if (snapshotId.isEmpty()) {
            return GrowthScreen.Growth.unknown("This job has made no snapshot.");
        }
        try {
            var located = snapshots.located(snapshotId);
            return snapshots
                    .previous(located)
                    .map(before -> compared(before.id(), located.snapshot().id()))
                    .orElseGet(() -> GrowthScreen.Growth.unknown(
                            "There is no earlier snapshot of the same paths to compare with."));
        } catch (Problem e) {
            return GrowthScreen.Growth.unknown(
                    switch (e.code()) {
                        case "not_indexed" ->
                            "Not known yet: it is shown once the files of both snapshots are indexed.";
                        case "not_found" -> "The snapshot is not in the last list of its repository.";
                        default -> e.getMessage() + ".";
                    });
        }
    }

    private GrowthScreen.Growth compared(String before, String after) {
        var files = new ArrayList<TreeDiff.Item>();
        var directories = new HashMap<SnapshotPath, Long>();
        long compared = 0;
        var cursor = Optional.<String>empty();
        TreeDiff part;
        int pages = 0;
        do {
            part = trees.diff(before, after, new Page.Request(PAGE_SIZE, cursor));
            for (var item : part.items()) {
                compared++;
                if (growth(item) > 0) {
                    files.add(item);
                    directories.merge(directory(item), growth(item), Long::sum);
                }
            }
            files.sort(Comparator.comparingLong(GrowthPages::growth).reversed());
            files.subList(Math.min(files.size(), MOST_FILES), files.size()).clear();
            cursor = part.nextCursor();
            pages++;
        } while (cursor.isPresent() && pages < MAX_PAGES);
        return new GrowthScreen.Growth(
                "",
                part.addedBytes(),
                part.removedBytes(),
                files.stream()
                        .map(item -> line(after, item.path(), directory(item), growth(item)))
                        .toList(),
                directories.entrySet().stream()
                        .sorted(Map.Entry.<SnapshotPath, Long>comparingByValue().reversed())
                        .limit(MOST_DIRECTORIES)
                        .map(entry -> line(after, entry.getKey(), entry.getKey(), entry.getValue()))
                        .toList(),
                compared,
                cursor.isPresent());
    }

    private static SnapshotPath directory(TreeDiff.Item item) {
        return item.path().parent().orElse(SnapshotPath.ROOT);
    }

    private static long growth(TreeDiff.Item item) {
        return item.sizeAfter().orElse(0L) - item.sizeBefore().orElse(0L);
    }

    private static GrowthScreen.Line line(String snapshotId, SnapshotPath path, SnapshotPath shown, long bytes) {
        return new GrowthScreen.Line(
                FileWords.readable(path.path()),
                "/snapshots/" + snapshotId + "/files?" + PathField.of(shown).query(),
                bytes);
    }
}
