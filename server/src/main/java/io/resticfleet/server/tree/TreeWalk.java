package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.TreeNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks up one path in many trees. Trees share most of their directories, so that each of these is looked into once. Used by one
 * thread, for one request.
 */
final class TreeWalk {

    private final TreeReader reader;
    private final List<RawText> names;

    /** Where it led from a directory at a depth. */
    private final Map<Step, Optional<TreeNode>> known = new HashMap<>();

    private record Step(int depth, long directory) {}

    TreeWalk(TreeReader reader, List<RawText> names) {
        this.reader = reader;
        this.names = names;
    }

    /** What a tree has at the path; the path is not the root. */
    Optional<TreeNode> find(long root) {
        return find(0, root);
    }

    private Optional<TreeNode> find(int depth, long directory) {
        if (directory == 0) {
            return Optional.empty();
        }
        var step = new Step(depth, directory);
        var before = known.get(step);
        if (before != null) {
            return before;
        }
        var entry = reader.find(directory, names.get(depth));
        var found = depth + 1 == names.size()
                ? entry.map(DirectoryPage.Entry::node)
                : entry.flatMap(next -> find(depth + 1, next.child()));
        known.put(step, found);
        return found;
    }
}
