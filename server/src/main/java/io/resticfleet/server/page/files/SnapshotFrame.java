package io.resticfleet.server.page.files;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.page.frame.Frame;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The frame of every page of a snapshot.
 *
 * @param tab the current tab, such as {@code files}
 * @param hostId the host that made it; absent if there is none of this name that uses the repository
 * @param host its name
 * @param others the snapshots of the same host before and after this one, and this one, newest first
 * @param previous the one to compare it with: its parent, or the last one before it of the same paths
 * @param next the first one after it of the same paths
 * @param chosen number of paths that the viewer has chosen to restore
 */
record SnapshotFrame(
        Frame frame,
        String tab,
        Snapshot snapshot,
        RepositoryId repositoryId,
        Optional<HostId> hostId,
        String host,
        List<Other> others,
        Optional<Other> previous,
        Optional<Other> next,
        int chosen) {

    /**
     * A snapshot of the same host.
     *
     * @param paths what it is of
     */
    record Other(String id, String shortId, Instant time, List<String> paths) {

        static Other of(Snapshot snapshot) {
            return new Other(snapshot.id(), snapshot.shortId(), snapshot.time(), snapshot.paths());
        }

        boolean is(Snapshot snapshot) {
            return id.equals(snapshot.id());
        }
    }

    /** The path of a tab of this snapshot. */
    String path(String other) {
        return "/snapshots/" + snapshot.id() + "/" + other;
    }

    /** The path of the same tab of another snapshot. */
    String path(Other other, String query) {
        return "/snapshots/" + other.id() + "/" + tab + (query.isEmpty() ? "" : "?" + query);
    }
}
