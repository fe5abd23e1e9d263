package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.TreeNode;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What {@code restic forget --json} would keep and remove.
 *
 * @param emptied groups that would lose every snapshot: restic 0.14 deletes all on some bad input, and exits with 0
 */
public record ForgetPlan(List<Listed> kept, List<Listed> removed, List<String> emptied) {

    /** A snapshot. */
    public record Listed(String id, List<String> tags) {

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
     * Reads the first value only, as what follows differs by version. No output means that no snapshot matched. The list is
     * streamed, as it may be larger than the memory.
     *
     * @throws IOException if it is not a list of groups
     */
    public static ForgetPlan read(Path stdout) throws IOException {
        try (var input = Files.newInputStream(stdout);
                var json = Json.FOREIGN.createParser(input)) {
            return new Reader(json).plan();
        } catch (JsonProcessingException e) {
            throw new IOException("restic's list of snapshots to remove is not valid JSON", e);
        }
    }

    private static final class Reader {
        private final JsonParser json;
        private final Map<List<String>, List<String>> tagLists = new HashMap<>();
        private final ForgetPlan plan = new ForgetPlan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

        private Reader(JsonParser json) {
            this.json = json;
        }

        private ForgetPlan plan() throws IOException {
            var first = json.nextToken();
            if (first == null) {
                return plan;
            }
            if (first != JsonToken.START_ARRAY) {
                throw new IOException("restic printed no list of snapshots to remove");
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
                group();
            }
            return plan;
        }

        private void group() throws IOException {
            int kept = plan.kept.size();
            int removed = plan.removed.size();
            var name = "";
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "keep" -> snapshots(plan.kept);
                    case "remove" -> snapshots(plan.removed);
                    case "host" -> name = json.getValueAsString("") + name;
                    case "tags" -> name += tags(Json.FOREIGN.readTree(json));
                    default -> json.skipChildren();
                }
            }
            if (plan.kept.size() == kept && plan.removed.size() > removed) {
                plan.emptied.add(name);
            }
        }

        /** Part of a group's name; empty if the snapshots are not grouped by tags. */
        private static String tags(TreeNode tags) {
            return tags.size() == 0 ? "" : " " + tags;
        }

        /** A list, or null. */
        private void snapshots(List<Listed> to) throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                return;
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
                JsonNode snapshot = Json.FOREIGN.readTree(json);
                var tags = new ArrayList<String>();
                snapshot.path("tags").forEach(tag -> tags.add(tag.asText()));
                to.add(new Listed(snapshot.path("id").asText(), tagLists.computeIfAbsent(tags, same -> same)));
            }
        }
    }
}
