package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.server.web.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What is looked for, regardless of upper and lower case. */
final class NameQuery {

    private static final int MAX_LENGTH = 256;

    /** Letters that the index of names goes by. */
    private static final int LETTERS = 3;

    /** Of them, so many narrow it enough. */
    private static final int MAX_PARTS = 12;

    /** Of a text of more letters, half of the parts narrow it enough. */
    private static final int LONG = 6;

    private final String head;
    private final String tail;
    private final boolean hasPath;
    private final boolean isPattern;

    private NameQuery(String head, String tail, boolean hasPath, boolean isPattern) {
        this.head = head;
        this.tail = tail;
        this.hasPath = hasPath;
        this.isPattern = isPattern;
    }

    /** @throws Problem 400 {@code invalid_query} */
    static NameQuery of(String text) {
        if (text.length() > MAX_LENGTH) {
            throw Problem.invalid("invalid_query", "q has at most " + MAX_LENGTH + " characters");
        }
        var folded = text.toLowerCase(Locale.ROOT).replaceAll("(?<=[^/])/+$", "");
        int slash = folded.lastIndexOf('/');
        boolean pattern = folded.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
        if (slash == folded.length() - 1) {
            throw Problem.invalid("invalid_query", "q is a name, a part of one, a pattern or a path");
        }
        return new NameQuery(
                slash < 0 ? "" : folded.substring(0, slash), folded.substring(slash + 1), slash >= 0, pattern);
    }

    /** Whether the directory counts. */
    boolean hasPath() {
        return hasPath;
    }

    /** Whether a name can match, in a directory that does. */
    boolean matches(RawText name) {
        var folded = NameList.folded(name);
        if (isPattern) {
            return Glob.matches(tail, folded);
        }
        return hasPath ? folded.startsWith(tail) : folded.contains(tail);
    }

    /** Whether a directory can match; its path without a slash at the end. */
    boolean matchesDirectory(String path) {
        if (!hasPath) {
            return true;
        }
        var folded = path.toLowerCase(Locale.ROOT);
        if (!isPattern) {
            return folded.endsWith(head);
        }
        return Glob.matches(head.startsWith("/") || head.isEmpty() ? head : "**/" + head, folded);
    }

    /** A query for the index of names; empty if it has too few letters. */
    String match() {
        Set<String> parts = new LinkedHashSet<>();
        for (var literal : literals()) {
            var letters = literal.codePoints().toArray();
            int step = letters.length > LONG ? 2 : 1;
            for (int i = 0; i + LETTERS <= letters.length && parts.size() < MAX_PARTS; i += step) {
                parts.add(new String(letters, i, LETTERS));
            }
        }
        return parts.stream()
                .map(part -> '"' + part.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(" AND "));
    }

    /** What a matching name contains. */
    private List<String> literals() {
        if (!isPattern) {
            return List.of(tail);
        }
        var found = new ArrayList<String>();
        var literal = new StringBuilder();
        for (int i = 0; i < tail.length(); i++) {
            char c = tail.charAt(i);
            if (c == '*' || c == '?') {
                found.add(literal.toString());
                literal.setLength(0);
            } else if (c == '[') {
                found.add(literal.toString());
                literal.setLength(0);
                int end = Glob.endOfClass(tail, i);
                i = end < 0 ? tail.length() : end;
            } else {
                literal.append(c);
            }
        }
        found.add(literal.toString());
        return found;
    }
}
