package io.resticfleet.server.web;

import io.javalin.http.HandlerType;
import java.util.List;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Receives the bodies of requests that need no authentication before a thread is used for them. Larger ones are 413, and
 * more at the same time than one address or all together may hold are 503 {@code busy}. Safe for use by many threads.
 */
public final class OpenBodies extends EagerContentHandler {

    private static final int MAX_BYTES = 32 * 1024;

    /** Counted for each piece that arrives: a sender of single bytes may use no more buffers than one who sends all at once. */
    private static final int BYTES_PER_PIECE = 4 * 1024;

    /** Of a connection's buffers, while a body is received. */
    private static final int BUFFERS = 8 * 1024;

    /** Of all bodies together. */
    private static final long MAX_TOTAL_BYTES = 24L * 1024 * 1024;

    /** Of one address. Some hundred machines behind one router can be enrolled at the same time. */
    private static final long MAX_BYTES_PER_SITE = 4L * 1024 * 1024;

    private final SharedBudget<String> reserved = new SharedBudget<>(MAX_TOTAL_BYTES, MAX_BYTES_PER_SITE);
    private final Site site;

    private OpenBodies(Site site) {
        super(new RetainedContentLoaderFactory(MAX_BYTES, BYTES_PER_PIECE, true));
        this.site = site;
    }

    /** A handler that comes before the one that serves these routes. */
    public static OpenBodies handler(List<Route> routes, Site site) {
        var handler = new OpenBodies(site);
        routes.stream()
                .filter(route -> route.method().equals(HandlerType.POST) && route.access() != Access.USER)
                .filter(route -> !route.isUpload())
                .forEach(route -> handler.includePath(route.path() + "/*"));
        return handler;
    }

    @Override
    protected boolean onConditionsMet(Request request, Response response, Callback callback) throws Exception {
        var client = site.client(request).site();
        long bytes = size(request);
        if (!reserved.take(client, bytes)) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
            var busy = new HttpException.RuntimeException(
                    HttpStatus.SERVICE_UNAVAILABLE_503, "too many requests at the same time; try again");
            Response.writeError(request, response, callback, busy.getCode(), busy.getReason(), busy);
            return true;
        }
        Request.addCompletionListener(request, failure -> reserved.free(client, bytes));
        return super.onConditionsMet(request, response, callback);
    }

    /** What a body can take until it is handled. */
    private static long size(Request request) {
        long length = request.getLength(); // -1: unknown
        return BUFFERS + (length < 0 ? MAX_BYTES : Math.min(length, MAX_BYTES));
    }
}
