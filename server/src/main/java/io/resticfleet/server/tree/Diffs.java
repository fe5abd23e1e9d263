package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.listing.TreeNode;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What differs between trees, with the totals of comparisons that were made before. Safe for use by many threads. */
final class Diffs {

    private static final int MAX_KEPT = 200;

    private final Map<Pair, Totals> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Pair, Totals> eldest) {
            return size() > MAX_KEPT;
        }
    };

    /**
     * Blocks of two root directories.
     *
     * @param instance of the index: in another one they have other meanings
     */
    private record Pair(String instance, long before, long after) {}

    private record Totals(long added, long removed) {}

    /**
     * A part of what differs between two root directories.
     *
     * @param instance of the index that they are in
     * @throws Problem 400 {@code invalid_cursor}
     */
    TreeDiff page(TreeReader reader, String instance, long before, long after, Page.Request page) {
        var items = new Items(page.limit() + 1, page.cursor().map(Diffs::names).orElse(List.of()));
        new DiffWalk(reader, items).compare(before, after);
        var part = Page.of(items.found, page, item -> cursor(item.path()));
        var totals = totals(reader, new Pair(instance, before, after));
        return new TreeDiff(totals.added(), totals.removed(), part.items(), part.nextCursor());
    }

    private Totals totals(TreeReader reader, Pair pair) {
        synchronized (kept) {
            var known = kept.get(pair);
            if (known != null) {
                return known;
            }
        }
        var sum = new Sum();
        new DiffWalk(reader, sum).compare(pair.before(), pair.after());
        var totals = new Totals(sum.added, sum.removed);
        synchronized (kept) {
            kept.put(pair, totals);
        }
        return totals;
    }

    private static String cursor(SnapshotPath last) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(last.raw().bytes());
    }

    private static List<RawText> names(String cursor) {
        try {
            var bytes = Base64.getUrlDecoder().decode(cursor.getBytes(StandardCharsets.ISO_8859_1));
            return SnapshotPath.of(RawText.of(bytes)).names();
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("invalid_cursor", "cursor must be the next_cursor of the page before");
        }
    }

    private static final class Sum implements DiffWalk.Listener {
        private long added;
        private long removed;

        @Override
        public boolean differs(List<RawText> path, Optional<TreeNode> before, Optional<TreeNode> after) {
            removed += before.map(TreeNode::size).orElse(0L);
            added += after.map(TreeNode::size).orElse(0L);
            return true;
        }

        @Override
        public boolean wantsBelow(List<RawText> path) {
            return true;
        }
    }

    /** Some of the differences, those after a path. */
    private static final class Items implements DiffWalk.Listener {
        private final int limit;
        private final List<RawText> after;
        private final List<TreeDiff.Item> found = new ArrayList<>();

        private Items(int limit, List<RawText> after) {
            this.limit = limit;
            this.after = after;
        }

        @Override
        public boolean differs(List<RawText> path, Optional<TreeNode> before, Optional<TreeNode> now) {
            if (!after.isEmpty() && order(path) <= 0) {
                return true;
            }
            found.add(item(SnapshotPath.of(path), before, now));
            return found.size() < limit;
        }

        @Override
        public boolean wantsBelow(List<RawText> path) {
            return after.isEmpty()
                    || path.size() < after.size() && path.equals(after.subList(0, path.size()))
                    || order(path) >= 0;
        }

        /** Of a path relative to the last one of the page before, in the order of a walk. */
        private int order(List<RawText> path) {
            for (int i = 0; i < Math.min(path.size(), after.size()); i++) {
                int order = path.get(i).compareTo(after.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(path.size(), after.size());
        }

        private static TreeDiff.Item item(SnapshotPath path, Optional<TreeNode> before, Optional<TreeNode> now) {
            var change = before.isEmpty()
                    ? TreeDiff.Change.ADDED
                    : now.isEmpty()
                            ? TreeDiff.Change.REMOVED
                            : before.get().type() == now.get().type() ? TreeDiff.Change.CHANGED : TreeDiff.Change.TYPE;
            return new TreeDiff.Item(
                    path,
                    change,
                    now.or(() -> before).orElseThrow().type().word(),
                    before.flatMap(TreeEntry::sizeOf),
                    now.flatMap(TreeEntry::sizeOf));
        }
    }
}
