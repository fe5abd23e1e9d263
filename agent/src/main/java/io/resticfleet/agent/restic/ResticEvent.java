package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.resticfleet.protocol.BackupResult;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One line of what restic prints, on either output; under {@code --json} not all of them are JSON.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/075_scripting.html#json-output">restic: JSON output</a>
 */
public sealed interface ResticEvent {

    /** Restic leaves out what is zero, so every number may be 0 for "not said". */
    record Status(
            double fractionDone,
            long filesDone,
            long totalFiles,
            long bytesDone,
            long totalBytes,
            long errorCount,
            Optional<Long> secondsRemaining,
            Optional<String> currentFile)
            implements ResticEvent {}

    /** A file could not be read. Restic goes on, and exits with 3. Said twice: by the scan and by the archiver. */
    record Unreadable(String path, String why) implements ResticEvent {}

    /** A path that was asked for is not there. Restic goes on, and up to 0.18 exits with 0. */
    record PathMissing(String path) implements ResticEvent {}

    /** The backend does not answer; restic tries again by itself, for up to a quarter of an hour. */
    record Retrying(String after, String why) implements ResticEvent {}

    /** The last line of a run that did its work: of a backup, or of a check, which only counts errors. */
    record Summary(Optional<String> snapshotId, BackupResult figures) implements ResticEvent {}

    /** A line for people: anything that is not JSON. */
    record Text(String line) implements ResticEvent {}

    /** The last words of a restic since 0.18 that failed. */
    record ExitError(String message) implements ResticEvent {}

    /** JSON we have no use for; restic may add kinds at any time. */
    record Other() implements ResticEvent {}

    static ResticEvent parse(String line) {
        if (!line.startsWith("{")) {
            return Lines.parse(line);
        }
        JsonNode json;
        try {
            json = Lines.JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return new Text(line);
        }
        return switch (json.path("message_type").asText()) {
            case "status" -> json.has("percent_done") ? Lines.status(json) : new Other();
            case "error" -> new Unreadable(json.path("item").asText(), Lines.why(json.path("error")));
            case "summary" -> Lines.summary(json);
            case "exit_error" -> new ExitError(json.path("message").asText());
            default -> new Other();
        };
    }

    /** How each kind of line is read. */
    final class Lines {
        private static final ObjectMapper JSON = new ObjectMapper();
        private static final Pattern MISSING = Pattern.compile("(.+) (?:does not exist|cannot be accessed), skipping");
        private static final Pattern RETRYING =
                Pattern.compile("\\w+\\(.*\\) returned error, retrying after ([^:]+): (.*)");
        private static final Map<Integer, String> ERRORS = Map.of(
                1, "operation not permitted", 2, "no such file", 5, "input/output error", 13, "permission denied");

        private Lines() {}

        private static ResticEvent parse(String line) {
            var missing = MISSING.matcher(line);
            if (missing.matches()) {
                return new PathMissing(missing.group(1));
            }
            var retrying = RETRYING.matcher(line);
            return retrying.matches() ? new Retrying(retrying.group(1), retrying.group(2)) : new Text(line);
        }

        private static Status status(JsonNode json) {
            return new Status(
                    json.path("percent_done").asDouble(), // a fraction, despite its name
                    json.path("files_done").asLong(),
                    json.path("total_files").asLong(),
                    json.path("bytes_done").asLong(),
                    json.path("total_bytes").asLong(),
                    json.path("error_count").asLong(),
                    number(json, "seconds_remaining"),
                    Optional.ofNullable(json.path("current_files").path(0).textValue()));
        }

        /** Up to 0.17.0 a Go error as it lies in memory: {@code {"Op":"open","Err":13}}, or nothing at all. */
        private static String why(JsonNode error) {
            if (error.path("message").isTextual()) {
                return error.path("message").asText();
            }
            var number = error.path("Err").asInt();
            return ERRORS.getOrDefault(number, number == 0 ? "cannot be read" : "error " + number);
        }

        private static Summary summary(JsonNode json) {
            var figures = new BackupResult(
                    json.path("files_new").asLong(),
                    json.path("files_changed").asLong(),
                    json.path("files_unmodified").asLong(),
                    json.path("dirs_new").asLong(),
                    json.path("dirs_changed").asLong(),
                    json.path("dirs_unmodified").asLong(),
                    json.path("data_added").asLong(),
                    number(json, "data_added_packed"),
                    json.path("total_files_processed").asLong(),
                    json.path("total_bytes_processed").asLong(),
                    Math.max(0, json.path("total_duration").asDouble()), // 0.18 says -9223372036 for "nothing done"
                    json.path("num_errors").asLong(),
                    Optional.empty(),
                    Optional.empty());
            return new Summary(
                    Optional.ofNullable(json.path("snapshot_id").textValue())
                            .filter(id -> !id.isBlank() && !json.path("dry_run").asBoolean()),
                    figures);
        }

        private static Optional<Long> number(JsonNode json, String name) {
            return json.path(name).isNumber() ? Optional.of(json.path(name).asLong()) : Optional.empty();
        }
    }
}
