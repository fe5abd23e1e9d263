package io.resticfleet.server.tree;

/**
 * How much of a host's snapshots is indexed.
 *
 * @param snapshots number of all of them
 * @param indexed number of those whose files are known
 * @param evicted number of those whose files were known, and were removed for lack of room
 */
public record IndexStatus(long snapshots, long indexed, long evicted) {

    public boolean incomplete() {
        return indexed < snapshots;
    }
}
