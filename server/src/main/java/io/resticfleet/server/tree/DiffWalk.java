package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Compares two trees; directories that both have are passed over. Used by one thread, for one request. */
final class DiffWalk {

    private final TreeReader reader;
    private final List<RawText> path = new ArrayList<>();
    private final Listener listener;
    private boolean ended;

    /** Receives what differs, in the order of a walk through both. */
    interface Listener {

        /** @return whether more is wanted */
        boolean differs(List<RawText> path, Optional<TreeNode> before, Optional<TreeNode> after);

        /** Whether something below this path can be wanted. */
        boolean wantsBelow(List<RawText> path);
    }

    DiffWalk(TreeReader reader, Listener listener) {
        this.reader = reader;
        this.listener = listener;
    }

    /** Compares two directories by their blocks. */
    void compare(long before, long after) {
        if (before == after || ended || !listener.wantsBelow(path)) {
            return;
        }
        var left = new Cursor(before);
        var right = new Cursor(after);
        while (!ended && (left.entry != null || right.entry != null)) {
            int order = left.entry == null
                    ? 1
                    : right.entry == null
                            ? -1
                            : left.entry
                                    .node()
                                    .name()
                                    .compareTo(right.entry.node().name());
            var old = order <= 0 ? Optional.of(left.entry) : Optional.<DirectoryPage.Entry>empty();
            var fresh = order >= 0 ? Optional.of(right.entry) : Optional.<DirectoryPage.Entry>empty();
            if (order <= 0) {
                left.next();
            }
            if (order >= 0) {
                right.next();
            }
            compare(old, fresh);
        }
    }

    private void compare(Optional<DirectoryPage.Entry> old, Optional<DirectoryPage.Entry> fresh) {
        path.add(fresh.or(() -> old).orElseThrow().node().name());
        var before = old.map(DirectoryPage.Entry::node);
        var after = fresh.map(DirectoryPage.Entry::node);
        if (differs(before, after) && !listener.differs(path, before, after)) {
            ended = true;
        }
        compare(content(old), content(fresh));
        path.remove(path.size() - 1);
    }

    private static long content(Optional<DirectoryPage.Entry> entry) {
        return entry.map(DirectoryPage.Entry::child).orElse(0L);
    }

    /** Directories differ if one of them is new, gone, or no directory; their times change with what is in them. */
    private static boolean differs(Optional<TreeNode> before, Optional<TreeNode> after) {
        boolean directories = before.filter(DiffWalk::isDirectory).isPresent()
                && after.filter(DiffWalk::isDirectory).isPresent();
        return !directories && !before.map(DiffWalk::compared).equals(after.map(DiffWalk::compared));
    }

    /** Without the number of links, which changes if another name is given to a file. */
    private static TreeNode compared(TreeNode node) {
        return new TreeNode(
                node.depth(),
                node.name(),
                node.type(),
                node.size(),
                node.mtime(),
                node.mode(),
                node.uid(),
                node.gid(),
                node.user(),
                node.group(),
                node.linkTarget(),
                0);
    }

    private static boolean isDirectory(TreeNode node) {
        return node.type() == NodeType.DIRECTORY;
    }

    /** Goes through a directory. */
    private final class Cursor {
        private final Iterator<Long> pages;
        private Iterator<DirectoryPage.Entry> entries =
                List.<DirectoryPage.Entry>of().iterator();

        /** Null at the end. */
        private DirectoryPage.Entry entry;

        private Cursor(long directory) {
            pages = reader.pages(directory).iterator();
            next();
        }

        private void next() {
            while (!entries.hasNext() && pages.hasNext()) {
                entries = reader.entries(pages.next()).iterator();
            }
            entry = entries.hasNext() ? entries.next() : null;
        }
    }
}
