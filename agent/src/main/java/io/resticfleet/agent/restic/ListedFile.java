package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RawText;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/**
 * A file of a snapshot, as a line of {@code restic ls --json}.
 *
 * @param path in which restic prints U+FFFD for what is not UTF-8
 * @param changed of its inode (ctime), when it was saved
 */
public record ListedFile(String path, long size, Instant modified, Instant changed) {

    private static final char REPLACEMENT = '\uFFFD';

    /**
     * Anything in a snapshot.
     *
     * @param type of restic, such as {@code dir}
     * @param file empty for anything but a regular file
     */
    public record Node(String path, String type, Optional<ListedFile> file) {}

    /**
     * Reads a line.
     *
     * @return empty for the snapshot itself
     * @throws IOException if this is no line of a listing
     */
    public static Optional<Node> parse(String line) throws IOException {
        try {
            var json = Json.FOREIGN.readTree(line);
            var type = json.path("type").asText();
            var path = json.path("path").asText();
            if (type.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Node(
                    path, type, type.equals("file") ? Optional.of(file(path, json)) : Optional.<ListedFile>empty()));
        } catch (JsonProcessingException | DateTimeException e) {
            throw new IOException("restic's list of files is not valid", e);
        }
    }

    private static ListedFile file(String path, JsonNode json) {
        return new ListedFile(
                path,
                Math.max(0, json.path("size").asLong()),
                time(json.path("mtime").asText()),
                time(json.path("ctime").asText()));
    }

    private static Instant time(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    /** Whether this is the file's real name, which can be passed to a program. */
    public boolean isNameable() {
        return path.startsWith("/")
                && path.indexOf(REPLACEMENT) < 0
                && path.indexOf('\0') < 0
                && SystemEncoding.problem(List.of(path)).isEmpty();
    }

    /** The pattern that selects this file only. */
    public String pattern() {
        return ResticPath.pattern(RawText.of(path));
    }
}
