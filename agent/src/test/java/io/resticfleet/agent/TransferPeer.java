package io.resticfleet.agent;

import io.resticfleet.protocol.TransferToken;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The part of a {@link FakeServer} that takes what an agent sends to one-time addresses. */
final class TransferPeer {

    private final Map<String, Received> bodies = new ConcurrentHashMap<>();
    private final AtomicInteger tokens = new AtomicInteger();
    private volatile String status = "204 No Content";
    private volatile long most = Long.MAX_VALUE;

    /** A body, which has ended as it should, or was broken off, or is still being received. */
    static final class Received {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean ended;
        private boolean broken;

        private synchronized void add(byte[] more) {
            bytes.writeBytes(more);
        }

        private synchronized void end(boolean regularly) {
            ended = regularly;
            broken = !regularly;
        }

        synchronized boolean ended() {
            return ended;
        }

        synchronized boolean broken() {
            return broken;
        }

        synchronized byte[] bytes() {
            return bytes.toByteArray();
        }
    }

    TransferToken token() {
        return new TransferToken(String.format("%043d", tokens.incrementAndGet()));
    }

    /** Answers from now on with another status. */
    void answer(String other) {
        status = other;
    }

    /** Closes each connection after so many bytes. */
    void closeAfter(long bytes) {
        most = bytes;
    }

    Optional<Received> find(TransferToken token) {
        return Optional.ofNullable(bodies.get(token.value()));
    }

    /** What was sent to this address, once it has ended or was broken off. */
    Received whole(TransferToken token) {
        return Eventually.present(() -> find(token).filter(body -> body.ended() || body.broken()));
    }

    /** Receives the body of a request whose head was read. */
    void serve(String token, DataInputStream in, OutputStream out) throws IOException {
        var received = new Received();
        bodies.put(token, received);
        try {
            for (int length = chunk(in); length > 0; length = chunk(in)) {
                received.add(in.readNBytes(length));
                line(in);
                if (received.bytes.size() >= most) {
                    received.end(false);
                    return;
                }
            }
            line(in);
            received.end(true);
        } catch (EOFException e) {
            received.end(false);
            return;
        }
        out.write(("HTTP/1.1 " + status + "\r\nConnection: close\r\n"
                        + (status.startsWith("204") ? "" : "Content-Length: 0\r\n") + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    }

    private static int chunk(InputStream in) throws IOException {
        return Integer.parseInt(line(in), 16);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            line.append((char) b);
        }
        return line.toString().strip();
    }
}
