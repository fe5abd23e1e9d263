package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.SnapshotChecksums;
import java.time.Instant;
import java.util.Optional;

/**
 * The list of a host's snapshots in one repository.
 *
 * @param refreshedAt when restic listed them, by the host's clock
 * @param generation rises with each change of the list
 * @param total number of snapshots
 * @param bytes of these snapshots, as they are stored
 * @param checksums as in {@link SnapshotChecksums#toString}; empty if they are not computed yet
 * @param resultSequence of the last report as one result; absent if there was none
 * @param whole whether it has the snapshots of all hosts
 */
public record SnapshotListRow(
        Instant refreshedAt,
        long generation,
        long total,
        long bytes,
        String checksums,
        Optional<Long> resultSequence,
        boolean whole) {

    static final SnapshotListRow NEVER =
            new SnapshotListRow(Instant.EPOCH, 0, 0, 0, new SnapshotChecksums().toString(), Optional.empty(), false);

    /** The same list. */
    SnapshotListRow with(SnapshotChecksums computed) {
        return new SnapshotListRow(refreshedAt, generation, total, bytes, computed.toString(), resultSequence, whole);
    }

    /** The same list, listed again. */
    SnapshotListRow refreshed(Instant at, boolean nowWhole) {
        return new SnapshotListRow(at, generation, total, bytes, checksums, resultSequence, nowWhole);
    }

    /** The next list. */
    SnapshotListRow next(Instant at, long newTotal, long newBytes, SnapshotChecksums newChecksums) {
        return new SnapshotListRow(
                at, generation + 1, newTotal, newBytes, newChecksums.toString(), resultSequence, whole);
    }

    SnapshotListRow after(long sequence) {
        return new SnapshotListRow(refreshedAt, generation, total, bytes, checksums, Optional.of(sequence), false);
    }
}
