package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code restic forget --json} would keep and remove.
 *
 * @param emptied groups that would lose every snapshot: restic 0.14 deletes all on some bad input, and exits with 0
 */
public record ForgetPlan(List<Listed> kept, List<Listed> removed, List<String> emptied) {

    /** A snapshot. */
    public record Listed(String id, List<String> tags) {

        private static Listed of(JsonNode snapshot) {
            var tags = new ArrayList<String>();
            snapshot.path("tags").forEach(tag -> tags.add(tag.asText()));
            return new Listed(snapshot.path("id").asText(), tags);
        }

        /** @param snapshotId may be the first digits only, as restic 0.14 reports them after a backup */
        public boolean is(String snapshotId) {
            return id.startsWith(snapshotId);
        }
    }

    /** Whether a snapshot is kept or removed, and not missing. */
    public boolean lists(String snapshotId) {
        return Stream.concat(kept.stream(), removed.stream()).anyMatch(snapshot -> snapshot.is(snapshotId));
    }

    /**
     * Reads the first line only, as later lines differ by version. No output means that no snapshot matched.
     *
     * @throws IOException if it is not a list of groups
     */
    public static ForgetPlan read(Path stdout) throws IOException {
        String line;
        try (var reader = Files.newBufferedReader(stdout)) {
            line = reader.readLine();
        }
        if (line == null || line.isBlank()) {
            return new ForgetPlan(List.of(), List.of(), List.of());
        }
        try {
            return of(Json.FOREIGN.readTree(line));
        } catch (JsonProcessingException e) {
            throw new IOException("restic's list of snapshots to remove is not valid JSON", e);
        }
    }

    private static ForgetPlan of(JsonNode groups) throws IOException {
        if (!groups.isArray()) {
            throw new IOException("restic printed no list of snapshots to remove");
        }
        var kept = new ArrayList<Listed>();
        var removed = new ArrayList<Listed>();
        var emptied = new ArrayList<String>();
        for (var group : groups) {
            group.path("keep").forEach(snapshot -> kept.add(Listed.of(snapshot)));
            group.path("remove").forEach(snapshot -> removed.add(Listed.of(snapshot)));
            if (group.path("keep").isEmpty() && !group.path("remove").isEmpty()) {
                var tags = group.path("tags");
                emptied.add(group.path("host").asText() + (tags.isEmpty() ? "" : " " + tags));
            }
        }
        return new ForgetPlan(kept, removed, emptied);
    }
}
