package io.resticfleet.server.page;

/** Words for people to paste into a shell. */
final class ShellWords {

    private ShellWords() {}

    /** One word of a POSIX shell, whatever is in it. */
    static String quoted(String text) {
        return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
