package io.resticfleet.server.auth;

import io.resticfleet.server.web.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A token with which a program signs in, with rights of the user who created it.
 *
 * @param name what it is for, chosen by the user
 * @param lastUsedAt up to a minute old; absent until first used
 * @param scopes what it may be used for
 * @param expiresAt when it stops working; absent for never
 */
public record ApiToken(
        String id,
        String name,
        Instant createdAt,
        Optional<Instant> lastUsedAt,
        List<Scope> scopes,
        Optional<Instant> expiresAt) {

    /** Whether it no longer works. */
    public boolean expired(Instant now) {
        return expiresAt.filter(end -> !end.isAfter(now)).isPresent();
    }

    /** Whether it has every scope. */
    public boolean full() {
        return scopes.containsAll(Scope.ALL);
    }
}
