package io.resticfleet.server.page.files;

import java.util.List;
import java.util.Optional;

/**
 * A directory of a snapshot.
 *
 * @param steps the directories that it is in, from the root on, and itself
 * @param here its path in addresses; that of the root if it is not known
 * @param query of this page
 * @param chosen whether the viewer has chosen it to restore, or a directory that it is in
 * @param total number of all its entries
 * @param indexed whether it is from the index; else an agent was asked
 * @param next address of the next part; empty if this is the last
 * @param notice why nothing is shown; empty if it is
 */
record BrowseScreen(
        SnapshotFrame snapshot,
        List<Step> steps,
        PathField here,
        String query,
        boolean chosen,
        List<FileRow> rows,
        long total,
        boolean indexed,
        String next,
        String notice) {

    /** A directory on the way to one. */
    record Step(String name, PathField field) {}

    /** The directory above; absent if this is the root. */
    Optional<Step> above() {
        return steps.size() < 2 ? Optional.empty() : Optional.of(steps.get(steps.size() - 2));
    }

    boolean root() {
        return steps.size() < 2;
    }

    /** Address of the same directory in another snapshot. */
    String in(SnapshotFrame.Other other) {
        return snapshot.path(other, here.query());
    }
}
