package io.resticfleet.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Complete WebSocket frames of clients (RFC 6455 section 5.2); keeps some for replay. */
final class Frames {

    private static final int MOST_KEPT = 200;
    private static final int TEXT = 0x81; // FIN, opcode 1

    private final List<byte[]> kept = new ArrayList<>();

    /** Keeps a text frame; drops the oldest if there are too many. */
    synchronized void remember(byte[] frame) {
        if (isText(frame)) {
            kept.add(frame);
            if (kept.size() > MOST_KEPT) {
                kept.remove(0);
            }
        }
    }

    /** One of the kept frames; empty if there is none. */
    synchronized byte[] any(int choice) {
        return kept.isEmpty() ? new byte[0] : kept.get(choice % kept.size());
    }

    static boolean isText(byte[] frame) {
        return (frame[0] & 0xff) == TEXT;
    }

    /** Forwards the HTTP request that opens a WebSocket. */
    static void passRequest(InputStream in, OutputStream out) throws IOException {
        int last = 0;
        while (last != 0x0d0a0d0a) {
            int next = in.read();
            if (next < 0) {
                return;
            }
            out.write(next);
            last = last << 8 | next;
        }
        out.flush();
    }

    /** The next frame, header and masked payload; empty at the end of the stream. */
    static byte[] read(InputStream in) throws IOException {
        var frame = new ByteArrayOutputStream();
        var header = in.readNBytes(2);
        frame.writeBytes(header);
        if (header.length < 2) {
            return new byte[0];
        }
        int length = header[1] & 0x7f;
        int more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (more > 0) {
            var extended = in.readNBytes(more);
            frame.writeBytes(extended);
            length = more == 2
                    ? ByteBuffer.wrap(extended).getShort() & 0xffff
                    : Math.toIntExact(ByteBuffer.wrap(extended).getLong());
        }
        int mask = (header[1] & 0x80) == 0 ? 0 : 4;
        var rest = in.readNBytes(mask + length);
        frame.writeBytes(rest);
        return rest.length == mask + length ? frame.toByteArray() : new byte[0];
    }
}
