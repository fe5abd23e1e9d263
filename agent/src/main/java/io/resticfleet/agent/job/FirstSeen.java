package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.SnapshotList;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * When this machine first saw each snapshot of a repository: what a snapshot says of its own time can be forged. The file
 * has 16 bytes for each snapshot: the first half of its id, and milliseconds since 1970.
 */
final class FirstSeen {

    private static final System.Logger log = System.getLogger(FirstSeen.class.getName());
    private static final int ROW_BYTES = 16;

    /** Sorted keys of snapshots, and when each was first seen, in ms. Arrays, as the agent's heap is small. */
    private final long[] keys;

    private final long[] millis;

    private FirstSeen(long[] keys, long[] millis) {
        this.keys = keys;
        this.millis = millis;
    }

    /** When a snapshot of the last list was first seen. */
    Instant of(Snapshot snapshot) {
        return Instant.ofEpochMilli(millis[Arrays.binarySearch(keys, SnapshotChecksums.key(snapshot.id()))]);
    }

    /**
     * Follows a complete list of a repository. Snapshots of the first list of all count as seen at their own time, as they
     * were there before.
     *
     * @param stdout restic's output
     * @throws IOException if it is not restic's output
     */
    static FirstSeen follow(StateDirectory state, RepositoryId repositoryId, Path stdout, Instant now)
            throws IOException {
        var file = state.directory("first-seen").resolve(repositoryId.value());
        boolean first = !Files.exists(file);
        var known = first ? new FirstSeen(new long[0], new long[0]) : read(file);
        var keys = keys(stdout);
        var millis = new long[keys.length];
        SnapshotList.read(stdout, snapshot -> {
            long key = SnapshotChecksums.key(snapshot.id());
            int at = Arrays.binarySearch(known.keys, key);
            millis[Arrays.binarySearch(keys, key)] = at >= 0
                    ? known.millis[at]
                    : first && snapshot.time().isBefore(now) ? snapshot.time().toEpochMilli() : now.toEpochMilli();
        });
        var seen = new FirstSeen(keys, millis);
        if (first || !Arrays.equals(keys, known.keys)) {
            state.write(file, seen.rows());
        }
        return seen;
    }

    private static long[] keys(Path stdout) throws IOException {
        var keys = LongStream.builder();
        SnapshotList.read(stdout, snapshot -> keys.add(SnapshotChecksums.key(snapshot.id())));
        return keys.build().sorted().distinct().toArray();
    }

    private byte[] rows() {
        var rows = ByteBuffer.allocate(keys.length * ROW_BYTES);
        for (int i = 0; i < keys.length; i++) {
            rows.putLong(keys[i]).putLong(millis[i]);
        }
        return rows.array();
    }

    private static FirstSeen read(Path file) {
        try {
            var rows = ByteBuffer.wrap(Files.readAllBytes(file));
            var keys = new long[rows.remaining() / ROW_BYTES];
            var millis = new long[keys.length];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = rows.getLong();
                millis[i] = rows.getLong();
            }
            return new FirstSeen(keys, millis);
        } catch (IOException e) {
            log.log(Level.WARNING, "when snapshots were first seen is lost, they count as new: " + e.getMessage());
            return new FirstSeen(new long[0], new long[0]);
        }
    }
}
