package io.resticfleet.agent.reading;

import io.resticfleet.protocol.RawText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Text as Go quotes it, without the quotes. restic stores names so, as JSON cannot hold what is no UTF-8.
 *
 * @see <a href="https://go.dev/ref/spec#String_literals">Go: string literals</a>
 */
final class GoQuoted {

    private GoQuoted() {}

    /** @throws IllegalArgumentException if it is not quoted so */
    static RawText unquote(String quoted) {
        var bytes = new ByteArrayOutputStream(quoted.length());
        for (int i = 0; i < quoted.length(); ) {
            if (quoted.charAt(i) == '\\') {
                i = escape(quoted, i + 1, bytes);
            } else {
                int character = quoted.codePointAt(i);
                text(character, bytes);
                i += Character.charCount(character);
            }
        }
        return RawText.of(bytes.toByteArray());
    }

    /** Reads what follows a backslash, and returns the index after it. */
    private static int escape(String quoted, int at, ByteArrayOutputStream bytes) {
        if (at == quoted.length()) {
            throw new IllegalArgumentException("a name ends within an escape");
        }
        char kind = quoted.charAt(at);
        int end = at + 1;
        switch (kind) {
            case 'a' -> bytes.write(7);
            case 'b' -> bytes.write('\b');
            case 'f' -> bytes.write('\f');
            case 'n' -> bytes.write('\n');
            case 'r' -> bytes.write('\r');
            case 't' -> bytes.write('\t');
            case 'v' -> bytes.write(11);
            case '\\', '"', '\'' -> bytes.write(kind);
            case 'x' -> {
                end = at + 3;
                bytes.write(HexFormat.fromHexDigits(quoted, at + 1, end));
            }
            case 'u' -> {
                end = at + 5;
                text(HexFormat.fromHexDigits(quoted, at + 1, end), bytes);
            }
            case 'U' -> {
                end = at + 9;
                text(HexFormat.fromHexDigits(quoted, at + 1, end), bytes);
            }
            default -> throw new IllegalArgumentException("a name has an unknown escape");
        }
        return end;
    }

    private static void text(int character, ByteArrayOutputStream bytes) {
        bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
    }
}
