package io.resticfleet.server.web;

import io.javalin.http.HandlerType;
import java.util.List;
import org.eclipse.jetty.server.handler.EagerContentHandler;

/** Receives the bodies of requests that need no authentication before a thread is used for them; larger ones are 413. */
public final class OpenBodies {

    private static final int MAX_BYTES = 64 * 1024;

    /** Counted for each piece that arrives: a sender of single bytes may use no more buffers than one who sends all at once. */
    private static final int BYTES_PER_PIECE = 4 * 1024;

    private OpenBodies() {}

    /** A handler that comes before the one that serves these routes. */
    public static EagerContentHandler handler(List<Route> routes) {
        var handler = new EagerContentHandler(
                new EagerContentHandler.RetainedContentLoaderFactory(MAX_BYTES, BYTES_PER_PIECE, true));
        routes.stream()
                .filter(route -> route.method().equals(HandlerType.POST) && route.access() != Access.USER)
                .forEach(route -> handler.includePath(route.path() + "/*"));
        return handler;
    }
}
