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
import java.util.HashMap;
import java.util.Map;

/**
 * When this machine first saw each snapshot of a repository: what a snapshot says of its own time can be forged. The file
 * has 16 bytes for each snapshot: the first half of its id, and milliseconds since 1970.
 */
final class FirstSeen {

    private static final System.Logger log = System.getLogger(FirstSeen.class.getName());
    private static final int ROW_BYTES = 16;

    private final Map<Long, Long> millis;

    private FirstSeen(Map<Long, Long> millis) {
        this.millis = millis;
    }

    /** When a snapshot of the last list was first seen. */
    Instant of(Snapshot snapshot) {
        return Instant.ofEpochMilli(millis.get(SnapshotChecksums.key(snapshot.id())));
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
        var known = read(file);
        boolean first = !Files.exists(file);
        var seen = new HashMap<Long, Long>();
        SnapshotList.read(stdout, snapshot -> {
            long key = SnapshotChecksums.key(snapshot.id());
            long fresh =
                    first && snapshot.time().isBefore(now) ? snapshot.time().toEpochMilli() : now.toEpochMilli();
            seen.put(key, known.getOrDefault(key, fresh));
        });
        if (!seen.equals(known) || first) {
            var rows = ByteBuffer.allocate(seen.size() * ROW_BYTES);
            seen.forEach((key, at) -> rows.putLong(key).putLong(at));
            state.write(file, rows.array());
        }
        return new FirstSeen(seen);
    }

    private static Map<Long, Long> read(Path file) {
        var known = new HashMap<Long, Long>();
        try {
            var rows = ByteBuffer.wrap(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]);
            while (rows.remaining() >= ROW_BYTES) {
                known.put(rows.getLong(), rows.getLong());
            }
        } catch (IOException e) {
            log.log(Level.WARNING, "when snapshots were first seen is lost, they count as new: " + e.getMessage());
        }
        return known;
    }
}
