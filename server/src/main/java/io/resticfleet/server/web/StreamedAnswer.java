package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.time.Duration;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;

/** An answer that is written for long, on the thread of its request. */
public final class StreamedAnswer {

    private StreamedAnswer() {}

    /** Sets for how long nothing may be written, or read by the client. */
    public static void idle(Context ctx, Duration limit) {
        endPoint(ctx).setIdleTimeout(limit.toMillis());
    }

    /** Breaks the answer off, so that the client does not take it for complete. Has no effect before its first byte is sent. */
    public static void breakOff(Context ctx) {
        if (ctx.res().isCommitted()) {
            endPoint(ctx).close();
        }
    }

    private static EndPoint endPoint(Context ctx) {
        return ServletContextRequest.getServletContextRequest(ctx.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint();
    }
}
