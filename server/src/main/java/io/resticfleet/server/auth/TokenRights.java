package io.resticfleet.server.auth;

import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Scope;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a new token may do, and until when.
 *
 * @param scopes at least one, each once
 * @param expiresAt absent for never
 */
record TokenRights(List<Scope> scopes, Optional<Instant> expiresAt) {

    /**
     * The rights that a caller wants to pass on.
     *
     * @throws Problem 400 {@code invalid_scopes} or {@code invalid_expires_at}; 403 {@code scope_missing}
     */
    static TokenRights of(ApiTokens.Wanted wanted, Caller caller, Instant now) {
        var scopes = wanted.scopes()
                .map(words -> Requests.valid("scopes", "invalid_scopes", TokenRights::scopes, words))
                .orElseGet(() -> caller.scopes().stream().sorted().toList());
        if (!caller.scopes().containsAll(scopes)) {
            throw Problem.forbidden(
                    "scope_missing", "an API token can only create tokens with scopes that it has itself");
        }
        var expiresAt = wanted.expiresAt().or(caller::expiresAt);
        expiresAt.ifPresent(end -> check(end, caller, now));
        return new TokenRights(scopes, expiresAt);
    }

    private static List<Scope> scopes(List<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("name at least one scope, or leave scopes out for all");
        }
        return words.stream().map(Scope::of).distinct().sorted().toList();
    }

    private static void check(Instant end, Caller caller, Instant now) {
        if (!end.isAfter(now)) {
            throw invalid("expires_at has passed already");
        }
        caller.expiresAt().filter(end::isAfter).ifPresent(own -> {
            throw invalid("the API token that creates this one expires before, at " + own);
        });
    }

    private static Problem invalid(String detail) {
        return Problem.invalid(List.of(new Violation("expires_at", "invalid_expires_at", detail)));
    }

    /** For the audit log. */
    Map<String, Object> detail(String name) {
        var detail = new LinkedHashMap<String, Object>();
        detail.put("name", name);
        detail.put("scopes", String.join(" ", scopes.stream().map(Scope::word).toList()));
        expiresAt.ifPresent(end -> detail.put("expires_at", end));
        return detail;
    }
}
