package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.TreeNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The versions of what is at one path in the trees of a machine. */
final class HostVersions {

    private HostVersions() {}

    /** What two snapshots have in common if a file did not change. */
    private record Identity(String type, Optional<Long> size, Instant mtime, Optional<String> linkTarget) {

        static Identity of(TreeNode node) {
            return new Identity(
                    node.type().word(),
                    TreeEntry.sizeOf(node),
                    node.mtime(),
                    node.linkTarget().map(Object::toString));
        }
    }

    /**
     * The versions, newest first.
     *
     * @param trees newest first
     */
    static List<FileVersions.Version> of(TreeWalk walk, List<RawText> path, List<TreeRow> trees) {
        var found = new LinkedHashMap<Identity, List<TreeRow>>();
        for (var tree : trees) {
            walk.find(tree.root().orElseThrow(), path)
                    .ifPresent(node -> found.computeIfAbsent(Identity.of(node), any -> new ArrayList<>())
                            .add(tree));
        }
        return found.entrySet().stream().map(HostVersions::version).toList();
    }

    private static FileVersions.Version version(Map.Entry<Identity, List<TreeRow>> found) {
        var identity = found.getKey();
        var trees = found.getValue();
        return new FileVersions.Version(
                identity.type(),
                identity.size(),
                identity.mtime(),
                identity.linkTarget(),
                trees.stream().map(TreeRow::snapshotId).toList(),
                trees.get(trees.size() - 1).takenAt(),
                trees.get(0).takenAt());
    }
}
