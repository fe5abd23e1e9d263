package io.resticfleet.agent.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.agent.restic.ResticPath;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.SnapshotPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is at and below some paths of a snapshot, as restic lists it. The list is read from its file, never kept whole. */
final class Selection {

    private final Path listing;
    private final Set<String> exact = new HashSet<>();
    private final List<SnapshotPath> inexact;
    private final boolean all;

    /** @param listing of restic, with these paths and maybe more */
    Selection(Path listing, List<SnapshotPath> paths) {
        this.listing = listing;
        this.inexact = paths.stream().filter(path -> !ResticPath.isExact(path)).toList();
        this.all = paths.stream().anyMatch(SnapshotPath.ROOT::equals);
        paths.stream().filter(ResticPath::isExact).map(SnapshotPath::path).forEach(exact::add);
    }

    /**
     * A file, directory or other entry.
     *
     * @param path as restic prints it
     * @param type of restic, such as {@code dir}
     */
    record Entry(String path, String type, long size) {

        boolean isDirectory() {
            return type.equals("dir");
        }

        boolean isFile() {
            return type.equals("file");
        }

        /** Whether restic restores it; it leaves out sockets, which only a running program can make. */
        boolean isRestored() {
            return !type.equals("socket");
        }
    }

    /** Receives entries. */
    @FunctionalInterface
    interface Reader {
        void next(Entry entry) throws IOException;
    }

    /** Whether restic found the snapshot; up to 0.14 it ends without an error if there is none. */
    boolean hasSnapshot() throws IOException {
        try (var lines = Files.newBufferedReader(listing, StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("\"struct_type\":\"snapshot\"")) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Passes on all selected entries, a directory before its content. */
    void each(Reader reader) throws IOException {
        try (var lines = Files.newBufferedReader(listing, StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.contains("\"struct_type\":\"node\"")) {
                    continue;
                }
                try {
                    var json = Json.FOREIGN.readTree(line);
                    var entry = new Entry(
                            json.path("path").asText(),
                            json.path("type").asText(),
                            json.path("size").asLong());
                    if (covers(entry.path())) {
                        reader.next(entry);
                    }
                } catch (JsonProcessingException e) {
                    throw new IOException("restic's list of the snapshot is damaged", e);
                }
            }
        }
    }

    /** Whether a path is one of those selected, or below one. */
    boolean covers(String path) {
        return selected(path).isPresent();
    }

    /** The selected path that this one is, or is below; empty if there is none. */
    Optional<String> selected(String path) {
        for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
            var above = path.substring(0, end);
            if (exact.contains(above) || inexact.stream().anyMatch(wanted -> ResticPath.matches(wanted, above))) {
                return Optional.of(above);
            }
        }
        return all ? Optional.of("/") : Optional.empty();
    }
}
