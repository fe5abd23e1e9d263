package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/**
 * What is at a path on a machine. A symbolic link in its last component is not followed, those before it are, as by
 * restic.
 *
 * @param readable whether the agent may list a directory, or read a file; true for anything else
 * @param size of a file in bytes
 * @param linkTarget the text of a symbolic link, unresolved
 * @param count of the content of a readable directory or mount point
 * @param problem why it cannot be examined or read; absent if it can, or if it is missing
 * @param unmounted the path itself or a directory above it, where the machine's fstab mounts something and nothing is
 *     mounted; absent if there is none, or if an older agent reports
 */
@JsonPropertyOrder("ask")
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record PathReport(
        Kind kind,
        boolean readable,
        Optional<Long> size,
        Optional<String> linkTarget,
        Optional<Count> count,
        Optional<String> problem,
        Optional<String> unmounted)
        implements Reply {

    private static final int MAX_TEXT_LENGTH = 4_096;

    /** @throws IllegalArgumentException if a text is too long or a size negative */
    public PathReport {
        if (linkTarget.filter(text -> text.length() > MAX_TEXT_LENGTH).isPresent()
                || problem.filter(text -> text.length() > MAX_TEXT_LENGTH).isPresent()
                || unmounted.filter(text -> text.length() > MAX_TEXT_LENGTH).isPresent()) {
            throw new IllegalArgumentException("a text about a path has at most " + MAX_TEXT_LENGTH + " characters");
        }
        if (size.filter(bytes -> bytes < 0).isPresent()) {
            throw new IllegalArgumentException("a size is not negative");
        }
    }

    /** A path where nothing is missing that should be mounted. */
    public PathReport(
            Kind kind,
            boolean readable,
            Optional<Long> size,
            Optional<String> linkTarget,
            Optional<Count> count,
            Optional<String> problem) {
        this(kind, readable, size, linkTarget, count, problem, Optional.empty());
    }

    /** This report with the directory where nothing is mounted. */
    public PathReport with(Optional<String> newUnmounted) {
        return new PathReport(kind, readable, size, linkTarget, count, problem, newUnmounted);
    }

    /** A path about which nothing but its kind is known. */
    public static PathReport of(Kind kind) {
        return new PathReport(kind, true, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** A path that the agent cannot examine or read. */
    public static PathReport unreadable(Kind kind, String problem) {
        return new PathReport(kind, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(problem));
    }

    @JsonProperty("ask")
    String word() {
        return Ask.Path.WORD;
    }

    /** What a path is. */
    public enum Kind {
        FILE,
        DIRECTORY,
        /** The root of a file system other than its parent directory's. */
        MOUNT_POINT,
        SYMLINK,
        MISSING,
        /** A device, pipe or socket. */
        OTHER,
        /** It cannot be examined. */
        UNKNOWN;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** The name in JSON, such as {@code mount_point}. */
        @JsonValue
        public String word() {
            return word;
        }

        /** @throws IllegalArgumentException if there is no such kind */
        @JsonCreator
        public static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * The content of a directory and its subdirectories.
     *
     * @param files everything except directories
     * @param bytes of regular files
     * @param unreadable entries that could not be examined or listed
     * @param cut why the numbers are lower bounds; absent if they are complete
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Count(long files, long directories, long bytes, long unreadable, Optional<Cut> cut) {

        /** @throws IllegalArgumentException if a number is negative */
        public Count {
            if (files < 0 || directories < 0 || bytes < 0 || unreadable < 0) {
                throw new IllegalArgumentException("a count is not negative");
            }
        }

        /** Whether there is nothing in the directory. */
        public boolean nothing() {
            return noFiles() && directories == 0;
        }

        /** Whether there is nothing in the directory but other directories. */
        public boolean noFiles() {
            return files == 0 && unreadable == 0 && cut.isEmpty();
        }
    }

    /** Why counting stopped. */
    public enum Cut {
        /** It took two seconds. */
        TIME,
        /** There were 100,000 entries. */
        ENTRIES,
        /** Directories are nested deeper than 200 levels; everything above was counted. */
        DEPTH;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** The name in JSON, such as {@code time}. */
        @JsonValue
        public String word() {
            return word;
        }

        /** @throws IllegalArgumentException if there is no such reason */
        @JsonCreator
        public static Cut of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }
}
