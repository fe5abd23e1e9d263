package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;

/**
 * Limits the requests without authentication that hold a thread at the same time, so that threads are left for those with it.
 * Safe for use by many threads.
 */
final class OpenRequests {

    /** About a quarter of the server's threads. */
    private static final int MAX = 64;

    private static final int MAX_PER_SITE = 16;
    private static final String ATTRIBUTE = "open-request";

    private final SharedBudget<String> bySite = new SharedBudget<>(MAX, MAX_PER_SITE);

    /**
     * Counts this request until it is answered, or until {@link #leave}.
     *
     * @throws Problem 503 {@code busy}
     */
    void enter(Context ctx) {
        var site = ClientAddress.of(ctx).site();
        if (!bySite.take(site, 1)) {
            ctx.header("Retry-After", "1");
            throw Problem.unavailable("busy", "too many requests at the same time; try again");
        }
        var left = new AtomicBoolean();
        Runnable leave = () -> {
            if (left.compareAndSet(false, true)) {
                bySite.free(site, 1);
            }
        };
        ctx.attribute(ATTRIBUTE, leave);
        Request.addCompletionListener(
                ServletContextRequest.getServletContextRequest(ctx.req()), failure -> leave.run());
    }

    /** The request no longer holds a thread; harmless if it was never counted. */
    static void leave(Context ctx) {
        Runnable leave = ctx.attribute(ATTRIBUTE);
        if (leave != null) {
            leave.run();
        }
    }
}
