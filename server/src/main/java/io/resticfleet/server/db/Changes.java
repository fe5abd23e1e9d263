package io.resticfleet.server.db;

import java.util.Set;

/**
 * The changes since an earlier read.
 *
 * @param last number of the last transaction included; the next call continues from it
 * @param everything whether more may have changed than {@code changes} lists
 */
public record Changes(long last, boolean everything, Set<Change> changes) {

    public boolean none() {
        return !everything && changes.isEmpty();
    }
}
