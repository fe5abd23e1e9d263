package io.resticfleet.server.web;

import io.javalin.http.Context;

/** Decides whether a request may go on. */
@FunctionalInterface
public interface Gate {

    /**
     * Finds out who calls, notes it by {@link Caller#attach}, and refuses whom the route is not for.
     *
     * @throws Problem {@code unauthenticated} or {@code bad_origin}
     */
    void admit(Context ctx, Access access);
}
