package io.resticfleet.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Limits of what an agent reports. What is longer is cut, with a marker that states how much is missing: a report that is
 * refused would be sent again at each connection. What a server sends is refused instead: a path that is cut is another path.
 */
public final class Limit {

    /** Characters of a name, an id or a version. */
    public static final int NAME = 256;

    /** Characters of a path, a reason or a line. */
    public static final int LINE = 4_096;

    /** Characters of a text of several lines, such as the error of a job. */
    public static final int TEXT = 16_384;

    /** Items of a list within a report. */
    public static final int ITEMS = 1_000;

    /** The highest count, 9 PB as a size: as many as a browser's numbers hold exactly, and sums of them do not overflow. */
    static final long COUNT = 1L << 53;

    /** Enough for the marker of a list in JSON. */
    private static final int MARKER_BYTES = 40;

    private Limit() {}

    /** At most {@code max} characters, the marker included; never half of a character beyond the 16-bit range. */
    public static String cut(String text, int max) {
        if (text.length() <= max) {
            return text;
        }
        var start = WellFormedText.prefix(
                text, max - marker(text.length(), "characters").length());
        return start + marker(text.length() - start.length(), "characters");
    }

    /** As {@link #cut(String, int)}; absent stays absent. */
    public static Optional<String> cut(Optional<String> text, int max) {
        return text.map(present -> cut(present, max));
    }

    /** At most {@link #ITEMS} texts of at most {@link #LINE} characters; the last one is the marker of those cut. */
    public static List<String> cut(List<String> texts) {
        return cut(texts, ITEMS, missing -> marker(missing, "items").strip()).stream()
                .map(text -> cut(text, LINE))
                .toList();
    }

    /**
     * The first texts, each of at most {@link #LINE} characters, that fit into {@code bytes} of JSON; the last one is the
     * marker of those cut. What was cut is not cut again.
     */
    static List<String> cutJson(List<String> texts, int bytes) {
        var cut = new ArrayList<String>();
        int used = 0;
        int kept = 0;
        for (var text : texts) {
            cut.add(cut(text, LINE));
            used += jsonBytes(cut.get(cut.size() - 1));
            if (used > bytes) {
                return Stream.concat(cut.stream().limit(kept), Stream.of(marker(texts.size() - kept, "items")))
                        .toList();
            }
            if (used <= bytes - MARKER_BYTES) {
                kept = cut.size();
            }
        }
        return List.copyOf(cut);
    }

    /** At least as many as it has in an array: an escaped character or half of one has six, a letter at most three. */
    private static int jsonBytes(String text) {
        return 3 + text.chars().map(Limit::jsonBytes).sum();
    }

    private static int jsonBytes(int c) {
        if (c == '"' || c == '\\') {
            return 2;
        }
        if (c >= ' ' && c <= '~') {
            return 1;
        }
        return Character.isLetterOrDigit(c) ? 3 : 6;
    }

    /**
     * At most {@code max} items.
     *
     * @param marker makes the last item of a list that was cut from the number of items that are missing
     */
    static <T> List<T> cut(List<T> items, int max, IntFunction<T> marker) {
        if (items.size() <= max) {
            return List.copyOf(items);
        }
        var first = new ArrayList<>(items.subList(0, max - 1));
        first.add(marker.apply(items.size() - first.size()));
        return List.copyOf(first);
    }

    /** A number of things or bytes: 0 to {@link #COUNT}, the nearest of them. */
    static long count(long number) {
        return Math.max(0, Math.min(number, COUNT));
    }

    /** As {@link #count(long)}; absent stays absent. */
    static Optional<Long> count(Optional<Long> number) {
        return number.map(Limit::count);
    }

    private static String marker(int missing, String what) {
        return String.format(Locale.ROOT, "… (%,d more %s)", missing, what);
    }

    /** @throws IllegalArgumentException if the text is too long to be what it stands for */
    static void check(String text, int max) {
        if (text.length() > max) {
            throw new IllegalArgumentException("a text has at most " + max + " characters");
        }
    }

    /** @throws IllegalArgumentException if there are too many items */
    static void check(List<?> items, int max) {
        if (items.size() > max) {
            throw new IllegalArgumentException("a list has at most " + max + " items");
        }
    }
}
