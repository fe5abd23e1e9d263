package io.resticfleet.server.web;

import io.javalin.http.Context;

/** The access check before every route. */
@FunctionalInterface
public interface Gate {

    /**
     * Authenticates the request, attaches its {@link Caller}, and rejects it if the route does not allow it.
     *
     * @throws Problem {@code unauthenticated}, {@code bad_token} or {@code bad_origin}
     */
    void admit(Context ctx, Access access);
}
