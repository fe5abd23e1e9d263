package io.resticfleet.server.page.files;

import java.util.List;
import java.util.Optional;

/**
 * What differs between two snapshots of a host.
 *
 * @param snapshot the newer one, or the one that is compared
 * @param with the other; absent if there is none
 * @param directories in the order of a walk through both
 * @param next address of the next part; empty if this is the last
 * @param nothing what to say if there are no directories
 * @param notice why nothing is shown; empty if it is
 */
record DiffScreen(
        SnapshotFrame snapshot,
        Optional<SnapshotFrame.Other> with,
        long addedBytes,
        long removedBytes,
        List<Directory> directories,
        String next,
        String nothing,
        String notice) {

    /**
     * What differs directly in a directory.
     *
     * @param path on one line
     */
    record Directory(String path, PathField field, List<Row> rows) {}

    /**
     * A file or directory that differs.
     *
     * @param name on one line
     * @param tone one of {@code ok warn off run}
     * @param change such as {@code new}
     * @param directory whether it is one, in the snapshot that has it
     * @param grown by how many bytes; 0 for what is no file in either
     */
    record Row(
            String name,
            PathField field,
            String tone,
            String change,
            boolean directory,
            boolean gone,
            Optional<Long> before,
            Optional<Long> after,
            long grown) {}
}
