package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.io.InputStream;
import java.time.Duration;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

/** A body that is read as it arrives, and may arrive for hours. */
public final class UploadBody {

    private UploadBody() {}

    /**
     * The body of a request whose sender has proved that it may send it.
     *
     * @param idle how long the sender may send nothing, or not be read from
     */
    public static InputStream of(Context ctx, Duration idle) {
        OpenRequests.leave(ctx);
        ServletContextRequest.getServletContextRequest(ctx.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .setIdleTimeout(idle.toMillis());
        return ctx.bodyInputStream();
    }
}
