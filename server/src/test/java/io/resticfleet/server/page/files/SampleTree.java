package io.resticfleet.server.page.files;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.listing.ListingHeader;
import io.resticfleet.protocol.listing.ListingWriter;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The files of a snapshot, as an agent lists them. */
public final class SampleTree {

    private static final Instant TIME = Instant.parse("2026-02-20T10:11:12Z");

    private final Map<RawText, Node> root = new TreeMap<>();

    private record Node(
            NodeType type, long size, Instant mtime, Optional<RawText> target, Map<RawText, Node> children) {}

    public SampleTree file(String path, long size) {
        return file(SnapshotPath.of(path), size, TIME);
    }

    public SampleTree file(SnapshotPath path, long size, Instant mtime) {
        return put(path, new Node(NodeType.FILE, size, mtime, Optional.empty(), Map.of()));
    }

    SampleTree emptyDirectory(SnapshotPath path, Instant mtime) {
        return put(path, new Node(NodeType.DIRECTORY, 0, mtime, Optional.empty(), new TreeMap<>()));
    }

    public SampleTree link(String path, String target) {
        return put(
                SnapshotPath.of(path), new Node(NodeType.SYMLINK, 0, TIME, Optional.of(RawText.of(target)), Map.of()));
    }

    private SampleTree put(SnapshotPath path, Node node) {
        directory(path.parent().orElseThrow()).put(path.name().orElseThrow(), node);
        return this;
    }

    private Map<RawText, Node> directory(SnapshotPath path) {
        var at = root;
        for (var name : path.names()) {
            at = at.computeIfAbsent(
                            name, any -> new Node(NodeType.DIRECTORY, 0, TIME, Optional.empty(), new TreeMap<>()))
                    .children();
        }
        return at;
    }

    /** As the agent sends it. */
    public byte[] listing(String snapshotId) {
        return written(snapshotId, root, Integer.MAX_VALUE);
    }

    /** What is directly in a directory, as the agent sends it. */
    public byte[] folder(String snapshotId, SnapshotPath path) {
        return written(snapshotId, directory(path), 1);
    }

    private byte[] written(String snapshotId, Map<RawText, Node> nodes, int depths) {
        var out = new ByteArrayOutputStream();
        var tree = HexFormat.of().toHexDigits(root.hashCode()).repeat(8);
        try (var writer = new ListingWriter(out, new ListingHeader(snapshotId, tree))) {
            write(writer, nodes, 1, depths);
            writer.end();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void write(ListingWriter writer, Map<RawText, Node> nodes, int depth, int depths)
            throws IOException {
        for (var entry : nodes.entrySet()) {
            var node = entry.getValue();
            writer.write(new TreeNode(
                    depth,
                    entry.getKey(),
                    node.type(),
                    node.size(),
                    node.mtime(),
                    node.type() == NodeType.DIRECTORY ? 0755 : 0644,
                    1_000,
                    100,
                    "anna",
                    "users",
                    node.target(),
                    1));
            if (depth < depths) {
                write(writer, node.children(), depth + 1, depths);
            }
        }
    }
}
