package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.util.Optional;

/**
 * The authenticated user behind a request.
 *
 * @param tokenName name of the API token; absent for a session
 */
public record Caller(String userId, String username, Optional<String> tokenName) {

    private static final String ATTRIBUTE = "caller";

    /** @throws IllegalStateException on a route without {@link Access#USER}, where nobody is authenticated */
    public static Caller of(Context ctx) {
        Caller caller = ctx.attribute(ATTRIBUTE);
        if (caller == null) {
            throw new IllegalStateException("no authenticated user on " + ctx.path());
        }
        return caller;
    }

    /** Attaches this caller to the request. */
    public void attach(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    /** For the audit log: {@code anna}, or {@code anna (token ansible)}. */
    public String display() {
        return username + tokenName.map(name -> " (token " + name + ")").orElse("");
    }
}
