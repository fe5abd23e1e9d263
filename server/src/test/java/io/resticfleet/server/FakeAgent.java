package io.resticfleet.server;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.net.URI;
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

/** One connection of an agent, as the server sees it: a real WebSocket with the real protocol, and no restic behind it. */
public final class FakeAgent implements WebSocket.Listener {

    private static final int PATIENCE_SECONDS = 40;
    private static final AtomicInteger MARKERS = new AtomicInteger();

    private final BlockingQueue<ToAgent> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final AtomicInteger pings = new AtomicInteger();
    private final StringBuilder partial = new StringBuilder();
    private WebSocket socket;

    /**
     * Opens a connection on which nothing was said yet.
     *
     * @param url where the server or a proxy listens
     */
    static FakeAgent dial(WebSocket.Builder builder, String url) {
        var agent = new FakeAgent();
        agent.socket = builder.buildAsync(URI.create(url.replaceFirst("^http", "ws") + "/api/agents/ws"), agent)
                .join();
        return agent;
    }

    /** The next message of this kind; those before it are dropped. */
    public <M extends ToAgent> M hears(Class<M> kind) throws InterruptedException {
        var others = new ArrayList<ToAgent>();
        for (var message = next(); message != null; message = next()) {
            if (kind.isInstance(message)) {
                return kind.cast(message);
            }
            others.add(message);
        }
        throw new AssertionError("heard no " + kind.getSimpleName() + " but " + others
                + (closed.isDone() ? "; closed with " + closed.join() : ""));
    }

    /** The next message; empty if the server closes the connection instead. */
    public Optional<ToAgent> hearsOrIsClosed() throws InterruptedException {
        for (int tries = 0; tries < PATIENCE_SECONDS * 10; tries++) {
            var message = heard.poll(100, TimeUnit.MILLISECONDS);
            if (message != null || closed.isDone()) {
                return Optional.ofNullable(message);
            }
        }
        throw new AssertionError("heard nothing, and was not closed");
    }

    /** All that was sent before now and was not heard yet: a marker goes there and back after it. */
    public List<ToAgent> hearsUntilNow() throws InterruptedException {
        var marker = "marker." + MARKERS.incrementAndGet();
        sayText("{\"type\":\"" + marker + "\"}");
        var before = new ArrayList<ToAgent>();
        for (var message = next(); message != null; message = next()) {
            if (message instanceof ToAgent.Error error && error.detail().contains("'" + marker + "'")) {
                return before;
            }
            before.add(message);
        }
        throw new AssertionError("the marker did not come back, but " + before);
    }

    /** Says something, and waits until the server is done with it. */
    public List<ToAgent> sayAndHear(ToServer message) throws InterruptedException {
        say(message);
        return hearsUntilNow();
    }

    public void say(ToServer message) {
        sayText(Wire.encode(message));
    }

    public void sayText(String frame) {
        socket.sendText(frame, true).join();
    }

    /** The code with which the server closed the connection, waiting for it. */
    public int closedWith() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** How often the server has asked whether it lives. */
    public int pings() {
        return pings.get();
    }

    public boolean isClosed() {
        return closed.isDone();
    }

    /** Hangs up without a word, as a machine does whose power fails. */
    public void vanish() {
        socket.abort();
    }

    private ToAgent next() throws InterruptedException {
        return heard.poll(closed.isDone() ? 200 : PATIENCE_SECONDS * 1_000, TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            try {
                heard.add(Wire.decodeToAgent(partial.toString()));
            } catch (Wire.UnreadableMessage e) {
                closed.completeExceptionally(e);
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
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.complete(1006);
    }
}
