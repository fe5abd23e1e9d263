package io.resticfleet.server.page.files;

import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What each user has chosen to restore of each snapshot. Kept in memory: what was used least recently goes first when there is
 * too much, and all of it when the server ends.
 */
final class Baskets {

    /** As many as a restore takes. */
    static final int MAX_PATHS = 1_000;

    private static final long MAX_BYTES = 1024 * 1024;
    private static final long MAX_TOTAL_BYTES = 8 * 1024 * 1024;

    /** The one that was used last is the last. */
    private final Map<Key, Chosen> baskets = new LinkedHashMap<>(16, 0.75f, true);

    private record Key(String userId, String snapshotId) {}

    synchronized Chosen of(String userId, String snapshotId) {
        return baskets.getOrDefault(new Key(userId, snapshotId), Chosen.NOTHING);
    }

    /**
     * Adds paths, or none if not all fit.
     *
     * @throws Problem 400 {@code too_many_paths}
     */
    synchronized void add(String userId, String snapshotId, List<SnapshotPath> paths) {
        var all = of(userId, snapshotId).with(paths);
        if (all.size() > MAX_PATHS || all.bytes() > MAX_BYTES) {
            throw Problem.invalid(
                    "too_many_paths",
                    "one restore takes at most " + MAX_PATHS + " paths; choose the directory that they are in instead");
        }
        put(new Key(userId, snapshotId), all);
    }

    synchronized void remove(String userId, String snapshotId, List<SnapshotPath> paths) {
        put(new Key(userId, snapshotId), of(userId, snapshotId).without(paths));
    }

    synchronized void clear(String userId, String snapshotId) {
        baskets.remove(new Key(userId, snapshotId));
    }

    private void put(Key key, Chosen chosen) {
        if (chosen.size() == 0) {
            baskets.remove(key);
            return;
        }
        baskets.put(key, chosen);
        long total = baskets.values().stream().mapToLong(Chosen::bytes).sum();
        var leastUsed = baskets.values().iterator();
        while (total > MAX_TOTAL_BYTES) {
            total -= leastUsed.next().bytes();
            leastUsed.remove();
        }
    }
}
