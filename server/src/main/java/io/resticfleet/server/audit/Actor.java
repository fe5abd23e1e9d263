package io.resticfleet.server.audit;

import io.javalin.http.Context;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.ClientAddress;
import java.util.Optional;

/**
 * The author of a change.
 *
 * @param name a user name, with the name of the API token if one was used
 * @param address client address of the request; absent for changes made by the server or on its console
 */
public record Actor(String name, Optional<String> address) {

    /** The authenticated user of a request. */
    public static Actor of(Context ctx) {
        return unproven(ctx, Caller.of(ctx).display());
    }

    /** The sender of a request on a route without authenticated users. */
    public static Actor unproven(Context ctx, String name) {
        return new Actor(name, Optional.of(ClientAddress.of(ctx).value()));
    }

    /** The server itself, or a user at its console. */
    public static Actor local(String name) {
        return new Actor(name, Optional.empty());
    }
}
