package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.util.Optional;

/** The files of snapshots: what is in a directory, what has a name, its versions, what changed. Safe for use by many threads. */
public final class Trees {

    /**
     * A part of a directory. If its snapshot is not indexed, an agent is asked; all who ask the same share its answer.
     *
     * @param snapshotId its 64 digits, or at least the first 8
     * @param path absent for what was backed up: the deepest directory that has all paths of the snapshot
     * @throws Problem 404, 409 {@code not_a_directory}, or why no agent could be asked; 400 {@code invalid_cursor}
     */
    public TreeListing list(String snapshotId, Optional<SnapshotPath> path, Page.Request page) {
        throw new UnsupportedOperationException();
    }

    /**
     * A part of the files whose name matches.
     *
     * @param query a part of the name; with {@code *}, {@code ?} or {@code [} a pattern for the whole name; with a {@code /}
     *     the same for the path
     * @param hostId absent for all hosts
     * @throws Problem 404; 400 {@code invalid_query} or {@code invalid_cursor}
     */
    public FoundFiles find(String query, Optional<HostId> hostId, Page.Request page) {
        throw new UnsupportedOperationException();
    }

    /**
     * What the indexed snapshots of a host have at a path.
     *
     * @throws Problem 404
     */
    public FileVersions versions(HostId hostId, SnapshotPath path) {
        throw new UnsupportedOperationException();
    }

    /**
     * A part of what differs from one snapshot to another.
     *
     * @throws Problem 404, 409 {@code not_indexed}; 400 {@code invalid_cursor}
     */
    public TreeDiff diff(String before, String after, Page.Request page) {
        throw new UnsupportedOperationException();
    }

    /**
     * How much of a host's snapshots is indexed.
     *
     * @throws Problem 404
     */
    public IndexStatus status(HostId hostId) {
        throw new UnsupportedOperationException();
    }
}
