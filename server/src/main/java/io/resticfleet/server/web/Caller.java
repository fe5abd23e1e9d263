package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The authenticated user behind a request.
 *
 * @param tokenName name of the API token; absent for a session
 * @param scopes what it may do; all for a session
 * @param expiresAt when the API token expires; absent for never, and for a session
 */
public record Caller(
        String userId, String username, Optional<String> tokenName, Set<Scope> scopes, Optional<Instant> expiresAt) {

    private static final String ATTRIBUTE = "caller";

    /** @throws IllegalStateException on a route without {@link Access#USER}, where nobody is authenticated */
    public static Caller of(Context ctx) {
        return find(ctx).orElseThrow(() -> new IllegalStateException("no authenticated user on " + ctx.path()));
    }

    static Optional<Caller> find(Context ctx) {
        return Optional.ofNullable(ctx.attribute(ATTRIBUTE));
    }

    public static Caller bySession(String userId, String username) {
        return new Caller(userId, username, Optional.empty(), Scope.ALL, Optional.empty());
    }

    /** @throws Problem 403 {@code scope_missing} unless it has all of these scopes */
    void require(Set<Scope> needed) {
        needed.stream()
                .filter(scope -> !scopes.contains(scope))
                .sorted()
                .findFirst()
                .ifPresent(missing -> {
                    throw Problem.forbidden(
                            "scope_missing",
                            "this needs the scope " + missing.word() + ", which the API token " + tokenName.orElse("")
                                    + " does not have");
                });
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
