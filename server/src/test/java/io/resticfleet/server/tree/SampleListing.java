package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.listing.ListingHeader;
import io.resticfleet.protocol.listing.ListingWriter;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The files of a snapshot, as an agent lists them. */
public final class SampleListing {

    private static final long TIME = 1_700_000_000;

    /** By path; the children of a directory are sorted by their names' bytes. */
    private final TreeMap<Names, TreeNode> nodes = new TreeMap<>();

    private record Names(List<RawText> names) implements Comparable<Names> {
        @Override
        public int compareTo(Names other) {
            for (int i = 0; i < Math.min(names.size(), other.names.size()); i++) {
                int order = names.get(i).compareTo(other.names.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(names.size(), other.names.size());
        }
    }

    public SampleListing file(String path, long size) {
        return file(SnapshotPath.of(path), size, TIME + size);
    }

    SampleListing file(SnapshotPath path, long size, long seconds) {
        return add(path, NodeType.FILE, size, seconds, Optional.empty());
    }

    public SampleListing link(String path, String target) {
        return add(SnapshotPath.of(path), NodeType.SYMLINK, 0, TIME, Optional.of(RawText.of(target)));
    }

    SampleListing directory(String path) {
        return add(SnapshotPath.of(path), NodeType.DIRECTORY, 0, TIME, Optional.empty());
    }

    SampleListing without(String path) {
        nodes.remove(new Names(SnapshotPath.of(path).names()));
        return this;
    }

    private SampleListing add(SnapshotPath path, NodeType type, long size, long seconds, Optional<RawText> target) {
        var names = path.names();
        for (int depth = 1; depth < names.size(); depth++) {
            nodes.putIfAbsent(
                    new Names(names.subList(0, depth)),
                    node(depth, names.get(depth - 1), NodeType.DIRECTORY, 0, TIME, Optional.empty()));
        }
        nodes.put(new Names(names), node(names.size(), names.get(names.size() - 1), type, size, seconds, target));
        return this;
    }

    private static TreeNode node(
            int depth, RawText name, NodeType type, long size, long seconds, Optional<RawText> target) {
        boolean directory = type == NodeType.DIRECTORY;
        return new TreeNode(
                depth,
                name,
                type,
                size,
                Instant.ofEpochSecond(seconds, size % 2 == 0 ? 0 : 123_456_789),
                directory ? 0755 : 0644,
                size % 3 == 0 ? 0 : 1_000,
                0,
                size % 3 == 0 ? "root" : "",
                "root",
                target,
                directory ? 0 : 1);
    }

    /** All of it. */
    byte[] of(String snapshot, String tree) throws IOException {
        return write(snapshot, tree, List.copyOf(nodes.values()), "end");
    }

    /** All of it, without the last line. */
    byte[] cutShort(String snapshot, String tree) throws IOException {
        return write(snapshot, tree, List.copyOf(nodes.values()), "");
    }

    /** What is directly in a directory. */
    byte[] folder(String snapshot, SnapshotPath directory) throws IOException {
        var parent = directory.names();
        var inside = nodes.entrySet().stream()
                .filter(node -> node.getKey().names().size() == parent.size() + 1
                        && node.getKey().names().subList(0, parent.size()).equals(parent))
                .map(node -> {
                    var from = node.getValue();
                    return new TreeNode(
                            1,
                            from.name(),
                            from.type(),
                            from.size(),
                            from.mtime(),
                            from.mode(),
                            from.uid(),
                            from.gid(),
                            from.user(),
                            from.group(),
                            from.linkTarget(),
                            from.links());
                })
                .toList();
        return write(snapshot, "e".repeat(64), inside, "end");
    }

    private static byte[] write(String snapshot, String tree, List<TreeNode> nodes, String end) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var writer = new ListingWriter(bytes, new ListingHeader(snapshot, tree))) {
            for (var node : nodes) {
                writer.write(node);
            }
            if (!end.isEmpty()) {
                writer.end();
            }
        }
        return bytes.toByteArray();
    }
}
