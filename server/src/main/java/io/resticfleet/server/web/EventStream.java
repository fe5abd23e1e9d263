package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One reader of server-sent events, on the thread of its request.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML: server-sent events</a>
 */
public final class EventStream {

    private final Context ctx;

    private EventStream(Context ctx) {
        this.ctx = ctx;
    }

    /** Begins the answer. */
    public static EventStream open(Context ctx) {
        var response = ctx.res();
        response.setStatus(200);
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no"); // nginx would keep events back
        return new EventStream(ctx);
    }

    /** Begins the answer to a browser, which is to open another stream so long after this one has ended. */
    public static EventStream open(Context ctx, Duration again) throws IOException {
        var stream = open(ctx);
        stream.write("retry: " + again.toMillis() + "\n\n");
        return stream;
    }

    /**
     * Sends an event.
     *
     * @param id what the reader gives back as {@code Last-Event-ID} after a break; empty for none
     * @param data one line
     * @throws IOException if the reader has gone
     */
    public void send(String event, String id, String data) throws IOException {
        write((id.isEmpty() ? "" : "id: " + id + "\n") + "event: " + event + "\ndata: " + data + "\n\n");
    }

    /**
     * Shows that the connection lives; readers ignore it.
     *
     * @throws IOException if the reader has gone
     */
    public void keepAlive() throws IOException {
        write(": \n\n");
    }

    private void write(String text) throws IOException {
        var out = ctx.res().getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
