package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where files are restored to.
 *
 * @param path the directory below which the files get their whole path; of a {@link Kind#FOLDER} only. In JSON left out if
 *     absent
 */
public record RestoreTarget(
        Kind kind,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> path) {

    /** A new directory of the agent's own. */
    public static final RestoreTarget NEW_FOLDER = new RestoreTarget(Kind.NEW_FOLDER, Optional.empty());

    /** Where the files were. */
    public static final RestoreTarget IN_PLACE = new RestoreTarget(Kind.IN_PLACE, Optional.empty());

    private static final int MAX_BYTES = 4_096;

    /** Kinds of target. */
    public enum Kind {
        /** A new directory below the agent's own. */
        NEW_FOLDER,
        /** A directory that the request names. */
        FOLDER,
        /** Where the files were. */
        IN_PLACE;

        /** In JSON, such as {@code new_folder}. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException if there is no such kind */
        @JsonCreator
        public static Kind of(String word) {
            return Arrays.stream(values())
                    .filter(kind -> kind.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "target.kind must be one of new_folder, folder and in_place but is '"
                                    + WellFormedText.cut(word, 80) + "'"));
        }
    }

    /** @throws IllegalArgumentException if the path is not one that the kind can have */
    public RestoreTarget {
        path = path == null ? Optional.empty() : path;
        if (kind == Kind.FOLDER && path.isEmpty()) {
            throw new IllegalArgumentException("a target of kind folder needs a path");
        }
        if (kind != Kind.FOLDER && path.isPresent()) {
            throw new IllegalArgumentException("only a target of kind folder can have a path");
        }
        path = path.map(RestoreTarget::canonical);
    }

    public static RestoreTarget folder(String path) {
        return new RestoreTarget(Kind.FOLDER, Optional.of(path));
    }

    private static String canonical(String path) {
        if (!path.startsWith("/")
                || !StandardCharsets.UTF_8.newEncoder().canEncode(path)
                || path.chars().anyMatch(Character::isISOControl)
                || path.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "the target's path must be absolute, starting with /, on one line, of at most " + MAX_BYTES
                            + " bytes");
        }
        var names = List.of(path.substring(1).split("/"));
        if (names.contains("..") || names.contains(".") || names.contains("")) {
            throw new IllegalArgumentException(
                    "the target's path must name a directory below /, without empty names, . and ..");
        }
        return "/" + String.join("/", names);
    }
}
