package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code restic forget --json} would keep and remove.
 *
 * @param removed ids of the snapshots
 * @param emptied groups that would lose every snapshot: restic 0.14 deletes all on some bad input, and exits with 0
 */
public record ForgetPlan(long kept, List<String> removed, List<String> emptied) {

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
            return new ForgetPlan(0, List.of(), List.of());
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
        long kept = 0;
        var removed = new ArrayList<String>();
        var emptied = new ArrayList<String>();
        for (var group : groups) {
            kept += group.path("keep").size();
            group.path("remove")
                    .forEach(snapshot -> removed.add(snapshot.path("id").asText()));
            if (group.path("keep").isEmpty() && !group.path("remove").isEmpty()) {
                var tags = group.path("tags");
                emptied.add(group.path("host").asText() + (tags.isEmpty() ? "" : " " + tags));
            }
        }
        return new ForgetPlan(kept, removed, emptied);
    }
}
