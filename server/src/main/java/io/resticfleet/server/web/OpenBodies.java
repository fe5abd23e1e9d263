package io.resticfleet.server.web;

import io.javalin.http.HandlerType;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Receives the bodies of requests that need no authentication before a thread is used for them. Larger ones are 413, and
 * more at the same time than all together may hold are 503 {@code busy}. Safe for use by many threads.
 */
public final class OpenBodies extends EagerContentHandler {

    private static final int MAX_BYTES = 32 * 1024;

    /** Counted for each piece that arrives: a sender of single bytes may use no more buffers than one who sends all at once. */
    private static final int BYTES_PER_PIECE = 4 * 1024;

    /** Of a connection's buffers, while a body is received. */
    private static final int BUFFERS = 8 * 1024;

    /** Of all bodies together. */
    private static final long MAX_TOTAL_BYTES = 24L * 1024 * 1024;

    private final AtomicLong reserved = new AtomicLong();

    private OpenBodies() {
        super(new RetainedContentLoaderFactory(MAX_BYTES, BYTES_PER_PIECE, true));
    }

    /** A handler that comes before the one that serves these routes. */
    public static OpenBodies handler(List<Route> routes) {
        var handler = new OpenBodies();
        routes.stream()
                .filter(route -> route.method().equals(HandlerType.POST) && route.access() != Access.USER)
                .forEach(route -> handler.includePath(route.path() + "/*"));
        return handler;
    }

    @Override
    protected boolean onConditionsMet(Request request, Response response, Callback callback) throws Exception {
        long bytes = size(request);
        if (reserved.addAndGet(bytes) > MAX_TOTAL_BYTES) {
            reserved.addAndGet(-bytes);
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
            var busy = new HttpException.RuntimeException(
                    HttpStatus.SERVICE_UNAVAILABLE_503, "too many requests at the same time; try again");
            Response.writeError(request, response, callback, busy.getCode(), busy.getReason(), busy);
            return true;
        }
        Request.addCompletionListener(request, failure -> reserved.addAndGet(-bytes));
        return super.onConditionsMet(request, response, callback);
    }

    /** What a body can take until it is handled. */
    private static long size(Request request) {
        long length = request.getLength(); // -1: unknown
        return BUFFERS + (length < 0 ? MAX_BYTES : Math.min(length, MAX_BYTES));
    }
}
