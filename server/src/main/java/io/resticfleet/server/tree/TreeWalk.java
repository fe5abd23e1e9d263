package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.TreeNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks up paths in many trees. Trees share most of their directories, so that each of these is looked into once for a name. Used
 * by one thread, for one request.
 */
final class TreeWalk {

    private static final int MAX_KNOWN = 50_000;

    /** Of their names and link targets. */
    private static final int MAX_KNOWN_BYTES = 8 * 1024 * 1024;

    private final TreeReader reader;
    private final Map<Step, Optional<DirectoryPage.Entry>> known = new HashMap<>();

    private long knownBytes;

    private record Step(long directory, RawText name) {}

    TreeWalk(TreeReader reader) {
        this.reader = reader;
    }

    /** What a tree has at a path other than the root. */
    Optional<TreeNode> find(long root, List<RawText> path) {
        long directory = root;
        var found = Optional.<DirectoryPage.Entry>empty();
        for (var name : path) {
            found = find(directory, name);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            directory = found.get().child();
        }
        return found.map(DirectoryPage.Entry::node);
    }

    private Optional<DirectoryPage.Entry> find(long directory, RawText name) {
        if (directory == 0) {
            return Optional.empty();
        }
        var step = new Step(directory, name);
        var before = known.get(step);
        if (before != null) {
            return before;
        }
        if (known.size() >= MAX_KNOWN || knownBytes >= MAX_KNOWN_BYTES) {
            known.clear();
            knownBytes = 0;
        }
        var found = reader.find(directory, name);
        knownBytes += 2L * name.length()
                + found.flatMap(entry -> entry.node().linkTarget())
                        .map(RawText::length)
                        .orElse(0);
        known.put(step, found);
        return found;
    }
}
