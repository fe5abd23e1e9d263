package io.resticfleet.protocol;

import java.util.ArrayDeque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * restic's patterns for files, as in {@code --exclude}: optionally a {@code !}, then Go's {@code filepath.Match} for each
 * part of a path.
 *
 * @see <a href="https://pkg.go.dev/path/filepath#Match">filepath.Match</a>
 * @see <a href="https://restic.readthedocs.io/en/stable/040_backup.html#excluding-files">restic: excluding files</a>
 */
final class FilePattern {

    private static final Pattern UNCERTAIN = Pattern.compile("[\\\\\\[!]|\\.\\.|\\*[^/]*\\*");

    private static final int MAX_CERTAIN_PARTS = 20;
    private static final int MAX_CERTAIN_NAMES = 100;

    private FilePattern() {}

    /** Whether restic accepts it; it fails the whole backup for one that it does not. */
    static boolean isValid(String pattern) {
        return !pattern.isEmpty()
                && cleanParts(pattern.startsWith("!") ? pattern.substring(1) : pattern).stream()
                        .allMatch(part -> new Part(part).isValid());
    }

    /**
     * Whether restic leaves out an absolute path with everything below it, if this is its only pattern. Only if that is
     * certain: never for a pattern with brackets, backslashes, {@code !}, two dots, two asterisks in a part, or many parts,
     * nor for a path of many names.
     */
    static boolean excludes(String pattern, String path) {
        if (UNCERTAIN.matcher(pattern).find()) {
            return false;
        }
        var parts = names(pattern);
        var names = names(path);
        if (parts.isEmpty() || parts.size() > MAX_CERTAIN_PARTS || names.size() > MAX_CERTAIN_NAMES) {
            return false;
        }
        int last = pattern.startsWith("/") ? 0 : names.size() - parts.size();
        return IntStream.rangeClosed(0, Math.min(last, names.size() - parts.size()))
                .anyMatch(offset ->
                        IntStream.range(0, parts.size()).allMatch(i -> matches(parts.get(i), names.get(offset + i))));
    }

    private static List<String> names(String text) {
        return cleanParts(text).stream()
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
    }

    private static boolean matches(String part, String name) {
        var points = name.codePoints().toArray();
        int star = part.indexOf('*');
        if (star < 0) {
            return points.length == part.codePointCount(0, part.length())
                    && matches(part.codePoints().toArray(), points, 0);
        }
        var before = part.substring(0, star).codePoints().toArray();
        var after = part.substring(star + 1).codePoints().toArray();
        return points.length >= before.length + after.length
                && matches(before, points, 0)
                && matches(after, points, points.length - after.length);
    }

    private static boolean matches(int[] part, int[] name, int from) {
        return IntStream.range(0, part.length).allMatch(i -> part[i] == '?' || part[i] == name[from + i]);
    }

    /** The parts that are left after {@code filepath.Clean}, which restic applies first. */
    private static ArrayDeque<String> cleanParts(String pattern) {
        var parts = new ArrayDeque<String>();
        for (var part : pattern.split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else {
                parts.addLast(part);
            }
        }
        return parts;
    }

    /** Reads one part as Go's {@code matchChunk} does. */
    private static final class Part {
        private final String text;
        private int at;

        Part(String text) {
            this.text = text;
        }

        boolean isValid() {
            while (at < text.length()) {
                switch (text.charAt(at++)) {
                    case '\\' -> {
                        if (at++ == text.length()) {
                            return false;
                        }
                    }
                    case '[' -> {
                        if (!skipClass()) {
                            return false;
                        }
                    }
                    default -> {}
                }
            }
            return true;
        }

        /** After its bracket: {@code ^}, then at least one character or range, then a bracket. */
        private boolean skipClass() {
            if (is('^')) {
                at++;
            }
            for (int ranges = 0; ranges == 0 || !is(']'); ranges++) {
                if (!skipCharacter()) {
                    return false;
                }
                if (is('-')) {
                    at++;
                    if (!skipCharacter()) {
                        return false;
                    }
                }
            }
            at++;
            return true;
        }

        /** A character of a class, maybe escaped; something must follow it. */
        private boolean skipCharacter() {
            if (is('-') || is(']')) {
                return false;
            }
            if (is('\\')) {
                at++;
            }
            if (at >= text.length()) {
                return false;
            }
            at += Character.charCount(text.codePointAt(at));
            return at < text.length();
        }

        private boolean is(char wanted) {
            return at < text.length() && text.charAt(at) == wanted;
        }
    }
}
