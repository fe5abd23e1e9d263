package io.resticfleet.protocol;

import java.util.regex.Pattern;

/**
 * The text that restic reads from a file with a password or a location: without a byte order mark before it, and without
 * white space at its ends. There is no way to hand it over otherwise that other processes cannot see.
 *
 * @see <a href="https://pkg.go.dev/strings#TrimSpace">strings.TrimSpace</a>
 */
public final class ResticFileText {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final Pattern ENDS = Pattern.compile("^[\\s\\p{Z}\\u0085]+|[\\s\\p{Z}\\u0085]+$");

    private ResticFileText() {}

    /** What restic makes of a text. */
    public static String of(String text) {
        return ENDS.matcher(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text)
                .replaceAll("");
    }

    /** Whether restic reads a text as it is. */
    public static boolean isKept(String text) {
        return of(text).equals(text) && !text.endsWith(BYTE_ORDER_MARK);
    }
}
