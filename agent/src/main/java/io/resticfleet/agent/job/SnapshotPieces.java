package io.resticfleet.agent.job;

import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** The difference between the server's list of snapshots and this one, in pieces of limited size. */
final class SnapshotPieces {

    private static final int MAX_ADDED = 500;
    private static final int MAX_BYTES = 256 * 1024;
    private static final int MAX_REMOVED = 5_000;

    private final long report;
    private final SnapshotFile file;
    private final ArrayDeque<Integer> added = new ArrayDeque<>();
    private final ArrayDeque<Long> removed = new ArrayDeque<>();
    private long number;

    SnapshotPieces(SnapshotFile file, ToAgent.SnapshotsWanted wanted) {
        this.report = wanted.report();
        this.file = file;
        var buckets = new BitSet();
        wanted.buckets().forEach(buckets::set);
        var known = wanted.known().stream()
                .mapToLong(SnapshotChecksums::key)
                .sorted()
                .toArray();
        var keys = file.keys();
        for (int i = 0; i < keys.length; i++) {
            if (buckets.get(SnapshotChecksums.bucket(keys[i])) && Arrays.binarySearch(known, keys[i]) < 0) {
                added.add(i);
            }
        }
        Arrays.sort(keys);
        for (var key : known) {
            if (Arrays.binarySearch(keys, key) < 0) {
                removed.add(key);
            }
        }
    }

    /** Number of the piece that was made last; 0 before the first. */
    long number() {
        return number;
    }

    boolean done() {
        return number > 0 && added.isEmpty() && removed.isEmpty();
    }

    SnapshotsPiece next() throws IOException {
        var indexes = new ArrayList<Integer>();
        for (int bytes = 0; !added.isEmpty() && indexes.size() < MAX_ADDED && bytes < MAX_BYTES; ) {
            bytes += file.size(added.element());
            indexes.add(added.remove());
        }
        var gone = new ArrayList<String>();
        while (!removed.isEmpty() && gone.size() < MAX_REMOVED) {
            gone.add(SnapshotChecksums.digits(removed.remove()));
        }
        var snapshots = file.read(indexes);
        number++;
        return new SnapshotsPiece(report, number, snapshots, List.copyOf(gone), done());
    }
}
