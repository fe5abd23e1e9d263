package io.resticfleet.server.retention;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The list of a repository's snapshots, as agents report it: first its checksums, then what the server does not know. */
record ListedSnapshots(RepositoryId repositoryId, Instant takenAt, List<Snapshot> snapshots, boolean whole) {

    /** Sends a message to the server, and returns what it sends in return. */
    interface Connection {
        List<ToAgent> send(ToServer message) throws Exception;
    }

    /**
     * Reports the list.
     *
     * @param report number of the report
     * @return all that the server sends meanwhile
     */
    List<ToAgent> report(long report, Connection connection) throws Exception {
        var checksums = new SnapshotChecksums();
        snapshots.forEach(one -> checksums.toggle(SnapshotChecksums.key(one.id())));
        var received = new ArrayList<>(connection.send(
                new SnapshotsOffer(report, repositoryId, takenAt, snapshots.size(), checksums.toString(), whole)));
        var wanted = received.stream()
                .filter(ToAgent.SnapshotsWanted.class::isInstance)
                .map(ToAgent.SnapshotsWanted.class::cast)
                .findFirst();
        if (wanted.isPresent()) {
            received.addAll(connection.send(piece(report, wanted.get().known())));
        }
        return received;
    }

    private SnapshotsPiece piece(long report, List<String> known) {
        var keys = snapshots.stream().map(ListedSnapshots::key).collect(Collectors.toSet());
        var added = snapshots.stream().filter(one -> !known.contains(key(one))).toList();
        var gone = known.stream().filter(key -> !keys.contains(key)).toList();
        return new SnapshotsPiece(report, 1, added, gone, true);
    }

    private static String key(Snapshot snapshot) {
        return snapshot.id().substring(0, SnapshotChecksums.KEY_DIGITS);
    }

    /** A snapshot in the output of {@code restic snapshots --json}. */
    static Snapshot snapshot(JsonNode item) {
        var id = item.path("id").asText();
        return new Snapshot(
                id,
                id.substring(0, 8),
                Instant.parse(item.path("time").asText()),
                item.path("hostname").asText(),
                "root",
                List.of("/etc"),
                texts(item.path("tags")),
                Optional.empty(),
                Optional.of(item.path("tree").asText()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static List<String> texts(JsonNode items) {
        var texts = new ArrayList<String>();
        items.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
