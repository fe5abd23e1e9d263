package io.resticfleet.agent.restic;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Snapshot;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The output of {@code restic snapshots --json}: one array, streamed because it may be large. */
public final class SnapshotList {

    private static final System.Logger log = System.getLogger(SnapshotList.class.getName());
    /** Upper bound of the list as one message, which blocks a slow uplink for its whole length. */
    private static final int MAX_BYTES = 1024 * 1024;

    private record Sized(Snapshot snapshot, int bytes) {}

    private SnapshotList() {}

    /**
     * The snapshots, oldest first; only the newest if there are too many for one message.
     *
     * @throws IOException if the file is not restic's output
     */
    public static List<Snapshot> read(Path stdout) throws IOException {
        var newest = new ArrayDeque<Sized>();
        int leftOut = 0;
        long bytes = 0;
        try (var input = Files.newInputStream(stdout);
                var nodes = Json.LENIENT.readerFor(JsonNode.class).<JsonNode>readValues(input)) {
            while (nodes.hasNextValue()) {
                var snapshot = snapshot(nodes.nextValue());
                var sized = new Sized(snapshot, Json.LENIENT.writeValueAsBytes(snapshot).length + 1);
                newest.add(sized);
                bytes += sized.bytes();
                for (; bytes > MAX_BYTES; leftOut++) {
                    bytes -= newest.remove().bytes();
                }
            }
        } catch (RuntimeException e) {
            throw new IOException("restic's list of snapshots is not valid", e);
        }
        if (leftOut > 0) {
            log.log(
                    Level.WARNING,
                    "too many snapshots for one message: sent the newest " + newest.size() + ", left out " + leftOut
                            + " older ones");
        }
        return newest.stream().map(Sized::snapshot).toList();
    }

    private static Snapshot snapshot(JsonNode json) {
        var summary = json.path("summary");
        return new Snapshot(
                json.path("id").asText(),
                json.path("short_id").asText(),
                OffsetDateTime.parse(json.path("time").asText()).toInstant(),
                json.path("hostname").asText(),
                json.path("username").asText(),
                texts(json.path("paths")),
                texts(json.path("tags")),
                text(json, "parent"),
                text(json, "tree"),
                text(json, "program_version"),
                number(summary, "total_files_processed"),
                number(summary, "total_bytes_processed"));
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static Optional<String> text(JsonNode json, String name) {
        return Optional.ofNullable(json.path(name).textValue());
    }

    private static Optional<Long> number(JsonNode json, String name) {
        return json.path(name).isNumber() ? Optional.of(json.path(name).asLong()) : Optional.empty();
    }
}
