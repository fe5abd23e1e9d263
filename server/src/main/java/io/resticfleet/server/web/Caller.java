package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.util.Optional;

/**
 * Who makes a request.
 *
 * @param userId whose rights it has
 * @param tokenName of the API token; absent for a session
 */
public record Caller(String userId, String username, Optional<String> tokenName) {

    private static final String ATTRIBUTE = "caller";

    /** @throws IllegalStateException on a route that is not for users: there, nobody has asked who it is */
    public static Caller of(Context ctx) {
        Caller caller = ctx.attribute(ATTRIBUTE);
        if (caller == null) {
            throw new IllegalStateException("nobody is signed in on " + ctx.path());
        }
        return caller;
    }

    /** Notes who makes this request. */
    public void attach(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    /** For the audit log: {@code anna}, or {@code anna (token ansible)}. */
    public String display() {
        return username + tokenName.map(name -> " (token " + name + ")").orElse("");
    }
}
