package io.resticfleet.server.audit;

import io.javalin.http.Context;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.ClientAddress;
import java.util.Optional;

/**
 * Who makes a change.
 *
 * @param name a user name, with the API token's if one is used
 * @param address where the request comes from; absent for what is done on the server's own machine
 */
public record Actor(String name, Optional<String> address) {

    /** Whoever makes this request. */
    public static Actor of(Context ctx) {
        return unproven(ctx, Caller.of(ctx).display());
    }

    /** Whoever makes this request, on a route where nobody is signed in. */
    public static Actor unproven(Context ctx, String name) {
        return new Actor(name, Optional.of(ClientAddress.of(ctx).value()));
    }

    /** The person at the server's own console, or the server by itself. */
    public static Actor local(String name) {
        return new Actor(name, Optional.empty());
    }
}
