package io.resticfleet.server.web;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A response of server-sent events, written on the thread of its request.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML: server-sent events</a>
 */
public final class EventStream implements AutoCloseable {

    private static final int MAX = 100;
    private static final int MAX_PER_CALLER = 40;

    private final Context ctx;

    private EventStream(Context ctx) {
        this.ctx = ctx;
    }

    /** For streams of one kind, each of which occupies a thread while it is open. */
    public static SharedBudget<Caller> slots() {
        return new SharedBudget<>(MAX, MAX_PER_CALLER);
    }

    /** Whether only the headers are asked for. */
    public static boolean isHead(Context ctx) {
        return ctx.method().equals(HandlerType.HEAD);
    }

    /** Sends the headers with the first event. */
    public static EventStream open(Context ctx) {
        var response = ctx.res();
        response.setStatus(200);
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no"); // nginx would buffer events
        return new EventStream(ctx);
    }

    /** @param reconnectDelay how long a browser waits after the end of this stream before it opens another */
    public static EventStream open(Context ctx, Duration reconnectDelay) throws IOException {
        var stream = open(ctx);
        stream.write("retry: " + reconnectDelay.toMillis() + "\n\n");
        return stream;
    }

    /**
     * Sends an event.
     *
     * @param id sent back as {@code Last-Event-ID} when the client reconnects; empty for none
     * @param data one line
     * @throws IOException if the client has disconnected
     */
    public void send(String event, String id, String data) throws IOException {
        write((id.isEmpty() ? "" : "id: " + id + "\n") + "event: " + event + "\ndata: " + data + "\n\n");
    }

    /**
     * Sends a comment, which clients ignore: proxies keep the connection open, and a dead one is noticed.
     *
     * @throws IOException if the client has disconnected
     */
    public void keepAlive() throws IOException {
        write(": \n\n");
    }

    /**
     * Ends the response, so that the client has all of it although the server may stop next. Without any event the response
     * stays open: a failure before the first event is answered as a {@link Problem}.
     */
    @Override
    public void close() throws IOException {
        if (ctx.res().isCommitted()) {
            ctx.res().getOutputStream().close();
        }
    }

    private void write(String text) throws IOException {
        var out = ctx.res().getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
