package io.resticfleet.protocol;

import java.util.ArrayDeque;

/**
 * restic's patterns for files, as in {@code --exclude}: optionally a {@code !}, then Go's {@code filepath.Match} for each
 * part of a path.
 *
 * @see <a href="https://pkg.go.dev/path/filepath#Match">filepath.Match</a>
 * @see <a href="https://restic.readthedocs.io/en/stable/040_backup.html#excluding-files">restic: excluding files</a>
 */
final class FilePattern {

    private FilePattern() {}

    /** Whether restic accepts it; it fails the whole backup for one that it does not. */
    static boolean isValid(String pattern) {
        return !pattern.isEmpty()
                && cleanParts(pattern.startsWith("!") ? pattern.substring(1) : pattern).stream()
                        .allMatch(part -> new Part(part).isValid());
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
