package io.resticfleet.server.tree;

/**
 * A pattern as shells have it: {@code *} for any characters but a slash, {@code **} for any, {@code ?} for one, {@code [a-z]} and
 * {@code [!a-z]} for one of a class. A {@code [} without an end is what it is. Takes a time of both lengths multiplied at most.
 */
final class Glob {

    private Glob() {}

    static boolean matches(String pattern, String text) {
        boolean[] reached = new boolean[text.length() + 1]; // by what is before the position in the pattern
        reached[0] = true;
        int position = 0;
        while (position < pattern.length()) {
            char c = pattern.charAt(position);
            boolean deep = c == '*' && position + 1 < pattern.length() && pattern.charAt(position + 1) == '*';
            int end = c == '[' ? endOfClass(pattern, position) : -1;
            var next = new boolean[text.length() + 1];
            if (c == '*') {
                for (int i = 0; i <= text.length(); i++) {
                    next[i] = reached[i] || i > 0 && next[i - 1] && (deep || text.charAt(i - 1) != '/');
                }
            } else {
                for (int i = 0; i < text.length(); i++) {
                    next[i + 1] = reached[i] && one(pattern, position, end, text.charAt(i));
                }
            }
            reached = next;
            position = deep ? position + 2 : end > 0 ? end + 1 : position + 1;
        }
        return reached[text.length()];
    }

    private static boolean one(String pattern, int position, int end, char c) {
        if (pattern.charAt(position) == '?') {
            return c != '/';
        }
        return end > 0 ? c != '/' && inClass(pattern, position + 1, end, c) : pattern.charAt(position) == c;
    }

    private static boolean inClass(String pattern, int from, int end, char c) {
        boolean inverted = pattern.charAt(from) == '!' || pattern.charAt(from) == '^';
        boolean found = false;
        for (int i = inverted ? from + 1 : from; i < end; i++) {
            if (i + 2 < end && pattern.charAt(i + 1) == '-') {
                found |= pattern.charAt(i) <= c && c <= pattern.charAt(i + 2);
                i += 2;
            } else {
                found |= pattern.charAt(i) == c;
            }
        }
        return found != inverted;
    }

    /** Where the class ends that begins here; -1 if it does not. */
    static int endOfClass(String pattern, int begin) {
        int first = begin + 1;
        if (first < pattern.length() && (pattern.charAt(first) == '!' || pattern.charAt(first) == '^')) {
            first++;
        }
        return pattern.indexOf(']', first + 1);
    }
}
