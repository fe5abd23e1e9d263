package io.resticfleet.server.db;

import java.util.Set;

/**
 * What has changed since somebody looked.
 *
 * @param last number of the last transaction that is in here; the next question goes on from it
 * @param everything whether more may have changed than {@code changes} name
 */
public record Changes(long last, boolean everything, Set<Change> changes) {

    public boolean none() {
        return !everything && changes.isEmpty();
    }
}
