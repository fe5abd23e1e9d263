package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.present;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** A server with the real protocol over a real socket, which does only what a test makes it do. */
public final class FakeServer implements AutoCloseable {

    private final ServerSocket socket;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private volatile UnaryOperator<String> post = body -> "{}";
    private volatile ToAgent.Reject unsigned = new ToAgent.Reject("bad_signature", "no signature", true);
    private volatile String postStatus = "201 Created";
    private int returned;
    final TransferPeer transfers = new TransferPeer();

    public FakeServer() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    /** Sets the response to a hello without a signature; others are left to the test. */
    void rejectUnsigned(String code, String detail) {
        unsigned = new ToAgent.Reject(code, detail, true);
    }

    /** Sets the response to every POST. */
    void answerPosts(String status, UnaryOperator<String> answer) {
        postStatus = status;
        post = answer;
    }

    /** The next connection that an agent opens; it has been sent a challenge. */
    Connection connection() {
        var next = present(
                () -> connections.size() > returned ? Optional.of(connections.get(returned)) : Optional.empty());
        returned++;
        return next;
    }

    /** The next connection, after hello and welcome. */
    Connection welcomed() {
        var connection = connection();
        connection.receive(Hello.class);
        connection.send(welcome(Instant.EPOCH));
        return connection;
    }

    /** Of a server that sends nothing of its database, and does no TLS itself. */
    static ToAgent.Welcome welcome(Instant now) {
        return new ToAgent.Welcome(
                "1", 10, now, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    int connectionCount() {
        return connections.size();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                var peer = socket.accept();
                start(() -> serve(peer));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket peer) {
        try (peer) {
            var in = new DataInputStream(new BufferedInputStream(peer.getInputStream()));
            var head = head(in);
            if (head.startsWith("POST " + Protocol.TRANSFERS_PATH)) {
                var path = head.split(" ", 3)[1];
                transfers.serve(path.substring(Protocol.TRANSFERS_PATH.length()), in, peer.getOutputStream());
                return;
            }
            var key = header(head, "sec-websocket-key");
            if (key.isEmpty()) {
                answer(peer.getOutputStream(), head, in);
                return;
            }
            var digest = MessageDigest.getInstance("SHA-1")
                    .digest((key.get() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            peer.getOutputStream()
                    .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: "
                                    + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var connection = new Connection(peer, () -> unsigned);
            connection.send(new ToAgent.Challenge(1, "nonce-" + connections.size()));
            connections.add(connection);
            connection.read(in);
            new CountDownLatch(1).await(); // read no more, but keep the socket open
        } catch (Exception e) {
            return; // the agent has disconnected
        }
    }

    private void answer(OutputStream out, String head, DataInputStream in) throws IOException {
        var length = Integer.parseInt(header(head, "content-length").orElse("0"));
        var body = post.apply(new String(in.readNBytes(length), StandardCharsets.UTF_8));
        var status = head.startsWith("POST") ? postStatus : "200 OK";
        out.write(
                ("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static String head(DataInputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    private static Optional<String> header(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "fake-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        connections.forEach(Connection::drop);
    }

    /** One connection of an agent. */
    public static final class Connection {
        private final Socket peer;
        private final Supplier<ToAgent.Reject> unsigned;
        private final List<ToServer> received = new CopyOnWriteArrayList<>();
        private volatile boolean paused;

        Connection(Socket peer, Supplier<ToAgent.Reject> unsigned) {
            this.unsigned = unsigned;
            this.peer = peer;
        }

        /** Sends a message. */
        void send(ToAgent message) {
            sendRaw(Wire.encode(message));
        }

        /** Sends any text. */
        void sendRaw(String text) {
            frame(0x81, text.getBytes(StandardCharsets.UTF_8));
        }

        /** Sends a binary message. */
        void sendBinary(byte[] bytes) {
            frame(0x82, bytes);
        }

        /** Closes the connection with a code. */
        void close(int code) {
            frame(0x88, new byte[] {(byte) (code >> 8), (byte) code});
        }

        /** Stops reading and leaves the connection open, like a machine that has lost its network. */
        void stopReading() {
            paused = true;
        }

        private synchronized void frame(int kind, byte[] payload) {
            try {
                var frame = new ByteArrayOutputStream();
                frame.write(kind);
                if (payload.length < 126) {
                    frame.write(payload.length);
                } else if (payload.length < 1 << 16) {
                    frame.write(126);
                    frame.write(payload.length >> 8);
                    frame.write(payload.length & 0xff);
                } else {
                    frame.write(127);
                    frame.writeBytes(
                            ByteBuffer.allocate(8).putLong(payload.length).array());
                }
                frame.write(payload);
                peer.getOutputStream().write(frame.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The first message of this kind, once it has arrived. */
        <T extends ToServer> T receive(Class<T> type) {
            return receive(type, 1).get(0);
        }

        /** All messages of this kind, once there are at least that many. */
        <T extends ToServer> List<T> receive(Class<T> type, int count) {
            return present(() -> Optional.of(received(type)).filter(found -> found.size() >= count));
        }

        <T extends ToServer> List<T> received(Class<T> type) {
            return received.stream().filter(type::isInstance).map(type::cast).toList();
        }

        /** All messages so far. */
        List<ToServer> received() {
            return List.copyOf(received);
        }

        /** Closes the socket without a close frame. */
        void drop() {
            try {
                peer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void read(DataInputStream in) throws IOException, Wire.UnreadableMessage {
            var text = new ByteArrayOutputStream();
            while (!paused) {
                int first = in.readUnsignedByte();
                int second = in.readUnsignedByte();
                long length = second & 0x7f;
                if (length == 126) {
                    length = in.readUnsignedShort();
                } else if (length == 127) {
                    length = in.readLong();
                }
                var mask = in.readNBytes(4);
                var payload = in.readNBytes((int) length);
                for (int i = 0; i < payload.length; i++) {
                    payload[i] ^= mask[i % 4];
                }
                int kind = first & 0x0f;
                if (kind == 8) {
                    throw new EOFException("closed");
                }
                if (kind <= 1) {
                    text.write(payload);
                    if ((first & 0x80) != 0) {
                        var message = Wire.decodeToServer(text.toString(StandardCharsets.UTF_8));
                        if (message instanceof Hello hello && hello.signature().isEmpty()) {
                            send(unsigned.get());
                        }
                        received.add(message);
                        text.reset();
                    }
                }
            }
        }
    }
}
