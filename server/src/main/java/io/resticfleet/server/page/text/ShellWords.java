package io.resticfleet.server.page.text;

/** Quotes text for commands that users paste into a shell. */
public final class ShellWords {

    private ShellWords() {}

    /** Quotes any text as a single word of a POSIX shell. */
    public static String quoted(String text) {
        return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
