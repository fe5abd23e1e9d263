package io.resticfleet.agent.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** A file or directory as restic describes it, in the output of {@code find} and in its own data. */
final class NodeFields {

    /** Of Go's {@code fs.FileMode}. */
    private static final long SETUID = 1L << 23;

    private static final long SETGID = 1L << 22;
    private static final long STICKY = 1L << 20;

    private String name;
    private String path;
    private String subtree;
    private NodeType type = NodeType.OTHER;
    private long size;
    private Instant mtime = Instant.EPOCH;
    private long mode;
    private long uid;
    private long gid;
    private String user = "";
    private String group = "";
    private RawText linkTarget;
    private RawText rawLinkTarget;
    private long links;

    private NodeFields() {}

    /** Reads an object, after its beginning. */
    static NodeFields read(JsonParser parser) throws IOException {
        var node = new NodeFields();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            node.field(parser);
        }
        return node;
    }

    private void field(JsonParser parser) throws IOException {
        var field = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_NULL) {
            return;
        }
        switch (field) {
            case "name" -> name = parser.getText();
            case "path" -> path = parser.getText();
            case "subtree" -> subtree = parser.getText();
            case "type" -> type = NodeType.of(parser.getText());
            case "size" -> size = parser.getLongValue();
            case "mtime" -> mtime = Instant.parse(parser.getText());
            case "mode" -> mode = parser.getLongValue();
            case "uid" -> uid = parser.getLongValue();
            case "gid" -> gid = parser.getLongValue();
            case "user" -> user = parser.getText();
            case "group" -> group = parser.getText();
            case "linktarget" -> linkTarget = RawText.of(parser.getText());
            case "linktarget_raw" -> rawLinkTarget = RawText.of(parser.getBinaryValue());
            case "links" -> links = parser.getLongValue();
            default -> parser.skipChildren();
        }
    }

    /** In {@code find}: readable, with U+FFFD for each byte that is no UTF-8. */
    String path() {
        return Optional.ofNullable(path).orElseThrow(() -> new IllegalArgumentException("a file has no path"));
    }

    /** In restic's data. */
    RawText name() {
        return GoQuoted.unquote(
                Optional.ofNullable(name).orElseThrow(() -> new IllegalArgumentException("a file has no name")));
    }

    /** In restic's data: the id of a directory. */
    Optional<String> subtree() {
        return Optional.ofNullable(subtree);
    }

    NodeType type() {
        return type;
    }

    TreeNode node(int depth, RawText rawName) {
        int permissions = (int) (mode & 0777)
                | ((mode & SETUID) == 0 ? 0 : 04000)
                | ((mode & SETGID) == 0 ? 0 : 02000)
                | ((mode & STICKY) == 0 ? 0 : 01000);
        return new TreeNode(
                depth,
                rawName,
                type,
                type == NodeType.FILE ? size : 0,
                mtime,
                permissions,
                uid,
                gid,
                user,
                group,
                type == NodeType.SYMLINK
                        ? Optional.ofNullable(rawLinkTarget == null ? linkTarget : rawLinkTarget)
                        : Optional.empty(),
                links);
    }
}
