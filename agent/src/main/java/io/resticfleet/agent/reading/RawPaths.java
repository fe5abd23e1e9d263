package io.resticfleet.agent.reading;

import io.resticfleet.protocol.RawText;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Paths as {@code restic ls} prints them, with all bytes, which finds the names that JSON cannot hold. A path ends with a
 * newline, and can have some in it, so that each is read by what the JSON has of it.
 */
final class RawPaths {

    private static final int REPLACEMENT = 0xfffd;
    private static final byte[] ENCODED = "\ufffd".getBytes(StandardCharsets.UTF_8);

    private final BufferedInputStream in;
    private long lines;

    RawPaths(InputStream output) {
        this.in = new BufferedInputStream(output, 32 * 1024);
    }

    /**
     * The last name of a path.
     *
     * @param line number of the line that it begins in, from 0, not before that of an earlier call
     * @param readable with U+FFFD for each byte that is no UTF-8
     * @throws IllegalArgumentException if the path there is another one
     */
    RawText name(long line, String readable) throws IOException {
        while (lines < line) {
            if (readByte() == '\n') {
                lines++;
            }
        }
        var path = new ByteArrayOutputStream();
        for (int i = 0; i < readable.length(); ) {
            int character = readable.codePointAt(i);
            i += Character.charCount(character);
            if (character == REPLACEMENT) {
                unknown(path);
            } else {
                for (byte expected : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
                    expect(readByte() == (expected & 0xff));
                    path.write(expected);
                }
            }
        }
        expect(readByte() == '\n');
        lines += 1 + newlines(readable);
        var bytes = path.toByteArray();
        int slash = bytes.length - 1;
        while (bytes[slash] != '/') {
            slash--;
        }
        return RawText.of(Arrays.copyOfRange(bytes, slash + 1, bytes.length));
    }

    /** Reads a byte that is no UTF-8, or the three of a U+FFFD that is in the name. */
    private void unknown(ByteArrayOutputStream path) throws IOException {
        in.mark(ENCODED.length);
        if (Arrays.equals(in.readNBytes(ENCODED.length), ENCODED)) {
            path.writeBytes(ENCODED);
        } else {
            in.reset();
            int single = readByte();
            expect(single >= 0x80);
            path.write(single);
        }
    }

    /** Number of lines that a path begins after its own. */
    static long newlines(String readable) {
        long count = 0;
        for (int at = readable.indexOf('\n'); at >= 0; at = readable.indexOf('\n', at + 1)) {
            count++;
        }
        return count;
    }

    private int readByte() throws IOException {
        int single = in.read();
        expect(single >= 0);
        return single;
    }

    private static void expect(boolean so) {
        if (!so) {
            throw new IllegalArgumentException("restic lists other paths than a moment ago");
        }
    }
}
