package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One agent connection: a real WebSocket with the real protocol, and no restic behind it. */
public final class AgentClient implements WebSocket.Listener {

    private static final int TIMEOUT_SECONDS = 40;
    private static final HttpClient CLIENT = AnyCertificate.client();
    private static final AtomicInteger MARKERS = new AtomicInteger();

    /** An empty one after the last message, once the connection is closed. */
    private final BlockingQueue<Optional<ToAgent>> received = new LinkedBlockingQueue<>();

    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final AtomicInteger pings = new AtomicInteger();
    private final StringBuilder partial = new StringBuilder();
    private WebSocket socket;

    private AgentClient() {}

    /**
     * Opens a connection and sends nothing.
     *
     * @param url of a server or a proxy
     * @param headers names and values in turn
     */
    static AgentClient open(String url, String... headers) {
        var agent = new AgentClient();
        var builder = CLIENT.newWebSocketBuilder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        agent.socket = builder.buildAsync(URI.create(url.replaceFirst("^http", "ws") + "/api/agents/ws"), agent)
                .join();
        return agent;
    }

    /** The next message of this kind; those before it are dropped. */
    public <M extends ToAgent> M receive(Class<M> kind) throws InterruptedException {
        var others = new ArrayList<ToAgent>();
        for (var message = next(); message != null; message = next()) {
            if (kind.isInstance(message)) {
                return kind.cast(message);
            }
            others.add(message);
        }
        throw new AssertionError("received no " + kind.getSimpleName() + " but " + others
                + (closed.isDone() ? "; closed with " + closed.join() : ""));
    }

    /** The next message; empty if the server closes the connection instead. */
    public Optional<ToAgent> receiveUnlessClosed() throws InterruptedException {
        var message = Optional.ofNullable(next());
        assertThat(message.isPresent() || closed.isDone())
                .as("received something, or closed")
                .isTrue();
        return message;
    }

    /** All messages that were sent until now and not received yet: a marker makes a round trip after them. */
    public List<ToAgent> drain() throws InterruptedException {
        var marker = "marker." + MARKERS.incrementAndGet();
        sendText("{\"type\":\"" + marker + "\"}");
        var before = new ArrayList<ToAgent>();
        for (var message = next(); message != null; message = next()) {
            if (message instanceof ToAgent.Error error && error.detail().contains("'" + marker + "'")) {
                return before;
            }
            before.add(message);
        }
        throw new AssertionError("the marker did not come back, but " + before);
    }

    /** Sends, and returns what was received until the server has processed the message. */
    public List<ToAgent> sendAndDrain(ToServer message) throws InterruptedException {
        send(message);
        return drain();
    }

    public void send(ToServer message) {
        sendText(Wire.encode(message));
    }

    public void sendText(String frame) {
        socket.sendText(frame, true).join();
    }

    /** Sends a part of a message that is not finished. */
    public void sendPart(String part) {
        socket.sendText(part, false).join();
    }

    /** The code with which the server closes the connection; waits for it. */
    public int closeCode() throws Exception {
        return closed.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** How many pings the server has sent. */
    public int pings() {
        return pings.get();
    }

    public boolean isClosed() {
        return closed.isDone();
    }

    /** Drops the connection without a close frame, as a power failure does. */
    public void abort() {
        socket.abort();
    }

    /** The next message; null if the connection is closed, or nothing is received for long. */
    private ToAgent next() throws InterruptedException {
        var message = received.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            return null;
        }
        if (message.isEmpty()) {
            received.add(message); // for the next call
        }
        return message.orElse(null);
    }

    private void ended() {
        received.add(Optional.empty());
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            try {
                received.add(Optional.of(Wire.decodeToAgent(partial.toString())));
            } catch (Wire.UnreadableMessage e) {
                closed.completeExceptionally(e);
                ended();
            }
            partial.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer message) {
        pings.incrementAndGet();
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        closed.complete(statusCode);
        ended();
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.complete(1006);
        ended();
    }
}
