package io.resticfleet.agent.restic;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a path of a snapshot is given to restic, and how restic prints it.
 *
 * @see <a href="https://pkg.go.dev/path/filepath#Match">Go: patterns</a>
 */
public final class ResticPath {

    private static final String WILDCARDS = "*?[\\";
    private static final int LONGEST = 4;

    private ResticPath() {}

    /**
     * A pattern that matches the path. Java cannot pass bytes that are no UTF-8 to a program: each of them becomes {@code ?},
     * which matches any one character, so that the pattern may match others, too: {@link #isExact}.
     */
    public static String pattern(SnapshotPath path) {
        return pattern(path.raw());
    }

    static String pattern(RawText raw) {
        var text = new StringBuilder();
        each(raw.bytes(), (character, isText) -> {
            if (!isText) {
                text.append('?');
            } else {
                if (character.length() == 1 && WILDCARDS.contains(character)) {
                    text.append('\\');
                }
                text.append(character);
            }
        });
        return text.toString();
    }

    /** Whether the pattern matches nothing else. */
    public static boolean isExact(SnapshotPath path) {
        return path.pathBase64().isEmpty();
    }

    /** As restic prints it: each byte that is no UTF-8 as U+FFFD. */
    public static String printed(RawText raw) {
        var text = new StringBuilder();
        each(raw.bytes(), (character, isText) -> text.append(character));
        return text.toString();
    }

    /** The last name of a path of this machine, as restic prints it. */
    public static String printedName(Path path) {
        var name = path.getFileName().toString();
        if (name.indexOf('\uFFFD') < 0) {
            return name;
        }
        var uri = path.toUri().getRawPath(); // the only way to its bytes
        var end = uri.endsWith("/") ? uri.length() - 1 : uri.length();
        return printed(RawText.of(unescaped(uri.substring(uri.lastIndexOf('/', end - 1) + 1, end))));
    }

    /** A path of this machine by its bytes. */
    public static Path local(RawText absolute) {
        var text = new StringBuilder("file://");
        for (byte b : absolute.bytes()) {
            text.append(b == '/' ? "/" : String.format("%%%02X", b & 0xFF));
        }
        return Path.of(URI.create(text.toString()));
    }

    /** The path itself, or the directory closest to it whose path is UTF-8 and can be an argument. */
    public static SnapshotPath argument(SnapshotPath path) {
        var place = path;
        while (!isExact(place)) {
            place = place.parent().orElseThrow(); // the root is UTF-8
        }
        return place;
    }

    /**
     * Whether a pattern made of the path matches what restic printed, with all wildcards standing for one character.
     *
     * @param printed absolute
     */
    public static boolean matches(SnapshotPath path, String printed) {
        var wanted = printed(path.raw());
        int given = wanted.codePointCount(0, wanted.length());
        if (given != printed.codePointCount(0, printed.length())) {
            return false;
        }
        int[] characters = printed.codePoints().toArray();
        int i = 0;
        for (int c : wanted.codePoints().toArray()) {
            if (c != characters[i] && (c != 0xFFFD || characters[i] == '/')) {
                return false;
            }
            i++;
        }
        return true;
    }

    private static byte[] unescaped(String text) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%') {
                bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(text.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    @FunctionalInterface
    private interface Characters {
        void next(String character, boolean isText);
    }

    /** Decodes as Go does, which replaces each byte that does not begin a character. */
    private static void each(byte[] bytes, Characters characters) {
        for (int i = 0; i < bytes.length; ) {
            var character = character(bytes, i);
            characters.next(character.orElse("\uFFFD"), character.isPresent());
            i += character
                    .map(text -> text.getBytes(StandardCharsets.UTF_8).length)
                    .orElse(1);
        }
    }

    private static Optional<String> character(byte[] bytes, int from) {
        if (bytes[from] >= 0) {
            return Optional.of(String.valueOf((char) bytes[from]));
        }
        for (int length = 2; length <= LONGEST && from + length <= bytes.length; length++) {
            try {
                return Optional.of(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes, from, length))
                        .toString());
            } catch (CharacterCodingException e) {
                continue; // too short, or none
            }
        }
        return Optional.empty();
    }
}
