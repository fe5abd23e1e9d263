package io.resticfleet.agent.restic;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The output of {@code restic snapshots --json}: one array, streamed because it may be large. */
public final class SnapshotList {

    private SnapshotList() {}

    /** Receives the snapshots. */
    public interface Reader {
        void accept(Snapshot snapshot) throws IOException;
    }

    /**
     * Passes on all snapshots, oldest first.
     *
     * @throws IOException if the file is not restic's output
     */
    public static void read(Path stdout, Reader reader) throws IOException {
        try (var input = Files.newInputStream(stdout);
                var nodes = Json.LENIENT.readerFor(JsonNode.class).<JsonNode>readValues(input)) {
            while (nodes.hasNextValue()) {
                reader.accept(snapshot(nodes.nextValue()));
            }
        } catch (RuntimeException e) {
            throw new IOException("restic's list of snapshots is not valid", e);
        }
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
                number(summary, "total_bytes_processed"),
                number(summary, "data_added"),
                number(summary, "data_added_packed"),
                text(json, "original"));
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
