package io.resticfleet.agent.restic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.resticfleet.protocol.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** What {@code restic snapshots --json} prints: one array, which may be large, so it is read piece by piece. */
public final class SnapshotList {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** So many fit in one frame. */
    private static final int MOST = 20_000;

    private SnapshotList() {}

    /**
     * The snapshots, oldest first; the newest of them if there are too many for one message.
     *
     * @throws IOException if the file is not what restic prints
     */
    public static List<Snapshot> read(Path stdout) throws IOException {
        var snapshots = new ArrayList<Snapshot>();
        try (var nodes = JSON.readerFor(JsonNode.class).<JsonNode>readValues(stdout.toFile())) {
            while (nodes.hasNextValue()) {
                snapshots.add(snapshot(nodes.nextValue()));
            }
        } catch (RuntimeException e) {
            throw new IOException("restic's list of snapshots cannot be understood", e);
        }
        return List.copyOf(snapshots.subList(Math.max(0, snapshots.size() - MOST), snapshots.size()));
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
