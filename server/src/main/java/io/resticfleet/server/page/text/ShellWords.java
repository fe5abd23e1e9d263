package io.resticfleet.server.page.text;

/** Words for people to paste into a shell. */
public final class ShellWords {

    private ShellWords() {}

    /** One word of a POSIX shell, whatever is in it. */
    public static String quoted(String text) {
        return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
