package io.resticfleet.server.web;

import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/** Sends a response without holding a thread while the client reads, however slowly. */
public final class AsyncBody implements WriteListener {

    private static final int BUFFER_BYTES = 8 * 1024;

    private final InputStream content;
    private final ServletOutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final CompletableFuture<Void> sent = new CompletableFuture<>();

    private AsyncBody(InputStream content, ServletOutputStream out) {
        this.content = content;
        this.out = out;
    }

    /**
     * Answers with this content; status and headers are set before.
     *
     * @param content closed when it was sent, or when the client has gone
     */
    public static void send(Context ctx, InputStream content) throws IOException {
        var body = new AsyncBody(content, ctx.res().getOutputStream());
        ctx.future(() -> {
            OpenRequests.leave(ctx);
            body.out.setWriteListener(body);
            return body.sent;
        });
    }

    @Override
    public void onWritePossible() throws IOException {
        while (out.isReady()) {
            int read = content.read(buffer);
            if (read < 0) {
                end();
                return;
            }
            out.write(buffer, 0, read);
        }
    }

    @Override
    public void onError(Throwable failure) {
        end(); // the client has gone
    }

    private void end() {
        try (content) {
            sent.complete(null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
