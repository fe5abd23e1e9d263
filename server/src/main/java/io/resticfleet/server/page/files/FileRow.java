package io.resticfleet.server.page.files;

import io.resticfleet.server.tree.TreeEntry;
import java.time.Instant;
import java.util.Optional;

/**
 * A file or directory of a snapshot in a list.
 *
 * @param name on one line
 * @param field its path in addresses and forms
 * @param type what it is if it is neither file nor directory; else empty
 * @param mode as {@code ls -l} shows it
 * @param owner such as {@code anna:users}
 * @param linkTarget on one line; empty if it is no symbolic link
 * @param chosen whether the viewer has chosen it to restore, or a directory that it is in
 */
record FileRow(
        String name,
        PathField field,
        boolean directory,
        String type,
        Optional<Long> size,
        Instant mtime,
        String mode,
        String owner,
        String linkTarget,
        boolean chosen) {

    static FileRow of(TreeEntry entry, Boolean chosen) {
        return new FileRow(
                FileWords.readable(entry.name()),
                PathField.of(entry.path()),
                entry.isDirectory(),
                FileWords.type(entry.type()),
                entry.size(),
                entry.mtime(),
                FileWords.mode(entry.type(), entry.mode()),
                FileWords.readable(entry.user() + ":" + entry.group()),
                entry.linkTarget().map(FileWords::readable).orElse(""),
                chosen);
    }

    /** Whether its content can be downloaded as it is. */
    boolean file() {
        return size.isPresent();
    }
}
