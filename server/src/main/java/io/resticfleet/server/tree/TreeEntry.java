package io.resticfleet.server.tree;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.listing.NodeType;
import io.resticfleet.protocol.listing.TreeNode;
import java.time.Instant;
import java.util.Optional;

/**
 * A file or directory of a snapshot.
 *
 * @param name readable, with U+FFFD for what is no UTF-8
 * @param nameBase64 its bytes, if {@code name} is not all of them
 * @param type restic's word, such as {@code file}, {@code dir} or {@code symlink}
 * @param size in bytes; absent for what is no file
 * @param mode permissions with setuid, setgid and sticky, in octal, such as {@code 0644}
 * @param user its name when it was saved, else its number
 * @param group its name when it was saved, else its number
 * @param linkTarget of a symbolic link
 */
public record TreeEntry(
        String name,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> nameBase64,
        @JsonUnwrapped SnapshotPath path,
        String type,
        Optional<Long> size,
        Instant mtime,
        String mode,
        String user,
        String group,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> linkTarget) {

    static TreeEntry of(SnapshotPath directory, TreeNode node) {
        return new TreeEntry(
                node.name().text(),
                node.name().base64(),
                directory.child(node.name()),
                node.type().word(),
                sizeOf(node),
                node.mtime(),
                "%04o".formatted(node.mode()),
                node.user().isEmpty() ? String.valueOf(node.uid()) : node.user(),
                node.group().isEmpty() ? String.valueOf(node.gid()) : node.group(),
                node.linkTarget().map(RawText::text));
    }

    static Optional<Long> sizeOf(TreeNode node) {
        return node.type() == NodeType.FILE ? Optional.of(node.size()) : Optional.empty();
    }

    @JsonIgnore
    public boolean isDirectory() {
        return type.equals(NodeType.DIRECTORY.word());
    }
}
