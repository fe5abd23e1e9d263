package io.resticfleet.server.page.account;

import io.resticfleet.server.auth.ApiToken;
import io.resticfleet.server.web.Scope;
import java.time.Instant;
import java.util.Optional;

/**
 * An API token in the list.
 *
 * @param scopes what it may be used for, in words
 * @param lastUsedAt absent until first used
 * @param expiresAt absent for never
 * @param expired whether it no longer works
 */
record TokenLine(
        String id,
        String name,
        String scopes,
        Instant createdAt,
        Optional<Instant> lastUsedAt,
        Optional<Instant> expiresAt,
        boolean expired) {

    static TokenLine of(ApiToken token, Instant now) {
        var scopes = token.full()
                ? "everything"
                : String.join(", ", token.scopes().stream().map(Scope::word).toList());
        return new TokenLine(
                token.id(),
                token.name(),
                scopes,
                token.createdAt(),
                token.lastUsedAt(),
                token.expiresAt(),
                token.expired(now));
    }
}
