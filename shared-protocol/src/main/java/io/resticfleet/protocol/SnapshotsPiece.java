package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;

/**
 * A part of what the server's list lacks. The next one follows after {@link ToAgent.SnapshotsStored}; the server shows
 * all of it after the last.
 *
 * @param report of the offer
 * @param number from 1, without gaps
 * @param added oldest first, some 256 KiB at most
 * @param removed keys of snapshots that do not exist any more, see {@link SnapshotChecksums}
 * @param last whether this is the last piece
 */
@JsonTypeName("snapshots.piece")
public record SnapshotsPiece(long report, long number, List<Snapshot> added, List<String> removed, boolean last)
        implements ToServer {

    private static final int MAX_ITEMS = 100_000;

    /** @throws IllegalArgumentException if a list or a key is too long, as the list would lack what is cut */
    public SnapshotsPiece {
        Limit.check(added, MAX_ITEMS);
        Limit.check(removed, MAX_ITEMS);
        removed.forEach(key -> Limit.check(key, Limit.NAME));
    }
}
