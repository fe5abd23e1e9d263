package io.resticfleet.agent.restic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One line of restic's output, from stdout or stderr; even with {@code --json} some lines are not JSON.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/075_scripting.html#json-output">restic: JSON output</a>
 */
public sealed interface ResticEvent {

    /** Progress. restic leaves out zeros, so 0 may also mean that a number was not given. */
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

    /**
     * A file that could not be saved. restic goes on and exits with 3. The scan, which only estimates the size, reports
     * most of these files too; its reports do not count.
     */
    record Unreadable(String path, String why) implements ResticEvent {}

    /** A requested path that does not exist. restic goes on, and up to 0.18 exits with 0. */
    record PathMissing(String path) implements ResticEvent {}

    /**
     * The backend did not answer; restic retries by itself for up to 15 minutes.
     *
     * @param operation such as {@code Stat(<config/>)}
     */
    record Retrying(String operation, String after, String why) implements ResticEvent {

        private static final Pattern OPENING =
                Pattern.compile("(Stat|Load|List)\\(<?(config|key)\\b.*|Save\\(<lock/.*");

        /** Whether this is one of the operations with which restic opens a repository. */
        public boolean opening() {
            return OPENING.matcher(operation).matches();
        }
    }

    /**
     * The last line of a successful backup, or of a check, which only counts errors.
     *
     * @param snapshotId 64 digits, the first 8 of them from restic 0.14; absent if no snapshot was made
     * @param start the snapshot's time; absent from restic before 0.18
     */
    record Summary(Optional<String> snapshotId, Optional<Instant> start, BackupResult figures) implements ResticEvent {}

    /** The last line of a restore, since restic 0.16. */
    record Restored(long files, long bytes, long skipped, long deleted) implements ResticEvent {}

    /**
     * What a restore does, or would do, with one entry; only if asked for.
     *
     * @param action restored, updated, unchanged or deleted
     */
    record Item(String action, String path, long size) implements ResticEvent {}

    /** A line to be logged as it is, or the message of one that is about no file. */
    record Text(String line) implements ResticEvent {

        /** Whether this is the status of a request that failed, which Azure's library prints below its address. */
        public boolean isAnswer() {
            return ErrorLines.isAnswer(line);
        }
    }

    /** The last line of a failed run, since restic 0.18. */
    record ExitError(String message) implements ResticEvent {}

    /** JSON that repeats what other lines contain. */
    record Other() implements ResticEvent {}

    static ResticEvent parse(String line) {
        if (!line.startsWith("{")) {
            return Lines.parse(line);
        }
        JsonNode json;
        try {
            json = Json.FOREIGN.readTree(line);
        } catch (JsonProcessingException e) {
            return new Text(line);
        }
        if (json.has("struct_type")) {
            return new Other(); // of a listing, which is read from its file
        }
        return switch (json.path("message_type").asText()) {
            case "status" -> json.has("percent_done") ? Lines.status(json) : new Other();
            case "error" -> Lines.error(json);
            case "summary" -> Lines.isOfRestore(json) ? Lines.restored(json) : Lines.summary(json);
            case "exit_error" -> new ExitError(json.path("message").asText());
            case "verbose_status" -> Lines.item(json);
            case "initialized" -> new Other();
            default -> new Text(line); // restic may add message types at any time
        };
    }

    /** Whether a line is a JSON array, which restic prints to stdout as the whole answer of a command. */
    static boolean isArray(String line) {
        return line.startsWith("[{") || line.equals("[]");
    }

    /** Readers for each kind of line. */
    final class Lines {
        private static final Set<String> RESTORING = Set.of("restored", "updated", "unchanged", "deleted");
        private static final Pattern MISSING = Pattern.compile("(.+) (?:does not exist|cannot be accessed), skipping");
        private static final Pattern RETRYING =
                Pattern.compile("(\\w+\\(.*\\)) returned error, retrying after ([^:]+): (.*)");
        private static final Map<Integer, String> ERRORS = Map.of(
                1, "operation not permitted", 2, "no such file", 5, "input/output error", 13, "permission denied");

        private Lines() {}

        private static ResticEvent parse(String line) {
            var missing = MISSING.matcher(line);
            if (missing.matches()) {
                return new PathMissing(missing.group(1));
            }
            return retrying(line).<ResticEvent>map(event -> event).orElseGet(() -> new Text(line));
        }

        private static Optional<Retrying> retrying(String line) {
            var retrying = RETRYING.matcher(line);
            return retrying.matches()
                    ? Optional.of(new Retrying(retrying.group(1), retrying.group(2), retrying.group(3)))
                    : Optional.empty();
        }

        private static ResticEvent error(JsonNode json) {
            if (json.path("during").asText().equals("scan")) {
                return new Other();
            }
            if (json.hasNonNull("item")) {
                return new Unreadable(json.path("item").asText(), why(json.path("error")));
            }
            var message = json.path("message").asText(why(json.path("error")));
            return reading(message).<ResticEvent>map(event -> event).orElseGet(() -> new Text(message));
        }

        /**
         * A repetition that a check since 0.18 prints as an error. Only of what restic reads to open the repository: a check
         * prints nothing when it is open, and saves its lock again and again.
         */
        private static Optional<Retrying> reading(String message) {
            return ErrorLines.sentenceOf(message)
                    .flatMap(Lines::retrying)
                    .filter(retrying ->
                            retrying.opening() && !retrying.operation().startsWith("Save("));
        }

        private static Status status(JsonNode json) {
            return new Status(
                    json.path("percent_done").asDouble(), // a fraction, despite its name
                    json.path("files_done").asLong(json.path("files_restored").asLong()),
                    json.path("total_files").asLong(),
                    json.path("bytes_done").asLong(json.path("bytes_restored").asLong()),
                    json.path("total_bytes").asLong(),
                    json.path("error_count").asLong(),
                    number(json, "seconds_remaining"),
                    Optional.ofNullable(json.path("current_files").path(0).textValue()));
        }

        /** Up to restic 0.17.0 a serialized Go error: {@code {"Op":"open","Err":13}}, or nothing at all. */
        private static String why(JsonNode error) {
            if (error.path("message").isTextual()) {
                return error.path("message").asText();
            }
            var number = error.path("Err").asInt();
            return ERRORS.getOrDefault(number, number == 0 ? "cannot be read" : "error " + number);
        }

        private static boolean isOfRestore(JsonNode json) {
            return json.has("files_restored") || json.has("files_skipped") || json.has("files_deleted");
        }

        private static Restored restored(JsonNode json) {
            return new Restored(
                    json.path("files_restored").asLong(),
                    json.path("bytes_restored").asLong(),
                    json.path("files_skipped").asLong(),
                    json.path("files_deleted").asLong());
        }

        private static ResticEvent item(JsonNode json) {
            var action = json.path("action").asText();
            return RESTORING.contains(action)
                    ? new Item(
                            action,
                            json.path("item").asText(),
                            json.path("size").asLong())
                    : new Other();
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
                    Math.max(0, json.path("total_duration").asDouble()), // 0.18 prints -9223372036 if nothing was done
                    json.path("num_errors").asLong(),
                    Optional.empty(),
                    Optional.empty());
            return new Summary(
                    Optional.ofNullable(json.path("snapshot_id").textValue())
                            .filter(id -> !id.isBlank() && !json.path("dry_run").asBoolean()),
                    time(json, "backup_start"),
                    figures);
        }

        private static Optional<Instant> time(JsonNode json, String name) {
            try {
                return Optional.ofNullable(json.path(name).textValue())
                        .map(text -> OffsetDateTime.parse(text).toInstant());
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        }

        private static Optional<Long> number(JsonNode json, String name) {
            return json.path(name).isNumber() ? Optional.of(json.path(name).asLong()) : Optional.empty();
        }
    }
}
