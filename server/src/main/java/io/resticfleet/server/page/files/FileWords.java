package io.resticfleet.server.page.files;

import io.resticfleet.protocol.VisibleText;
import io.resticfleet.protocol.listing.NodeType;

/** Names, modes and owners of files in words. */
final class FileWords {

    private static final String PERMISSIONS = "rwxrwxrwx";

    private FileWords() {}

    /** A name or path on one line, as what it is: without characters in effect that control or reorder what is shown. */
    static String readable(String name) {
        return VisibleText.of(name);
    }

    /**
     * As {@code ls -l} shows it, such as {@code drwxr-xr-x}.
     *
     * @param type restic's word
     * @param octal such as {@code 0755}
     */
    static String mode(String type, String octal) {
        int mode = Integer.parseInt(octal, 8);
        var shown = new StringBuilder().append(letter(NodeType.of(type)));
        for (int i = 0; i < PERMISSIONS.length(); i++) {
            shown.append((mode & 1 << 8 - i) != 0 ? PERMISSIONS.charAt(i) : '-');
        }
        special(shown, 3, (mode & 04000) != 0, 's');
        special(shown, 6, (mode & 02000) != 0, 's');
        special(shown, 9, (mode & 01000) != 0, 't');
        return shown.toString();
    }

    private static void special(StringBuilder shown, int at, Boolean set, char letter) {
        if (set) {
            shown.setCharAt(at, shown.charAt(at) == 'x' ? letter : Character.toUpperCase(letter));
        }
    }

    private static char letter(NodeType type) {
        return switch (type) {
            case FILE -> '-';
            case DIRECTORY -> 'd';
            case SYMLINK -> 'l';
            case DEVICE -> 'b';
            case CHARACTER_DEVICE -> 'c';
            case FIFO -> 'p';
            case SOCKET -> 's';
            case OTHER -> '?';
        };
    }

    /** What it is, if it is neither a file nor a directory; else empty. */
    static String type(String type) {
        return switch (NodeType.of(type)) {
            case FILE, DIRECTORY -> "";
            case SYMLINK -> "link";
            case DEVICE, CHARACTER_DEVICE -> "device";
            case FIFO -> "pipe";
            case SOCKET -> "socket";
            case OTHER -> "special file";
        };
    }
}
