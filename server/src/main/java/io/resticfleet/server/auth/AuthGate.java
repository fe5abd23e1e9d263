package io.resticfleet.server.auth;

import io.javalin.http.Context;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Gate;
import io.resticfleet.server.web.LocalPrograms;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Site;
import java.util.Optional;
import java.util.Set;

/**
 * Runs before every route: determines a request's origin and user, and refuses pages of other sites, and requests
 * without a user where one is required.
 */
public final class AuthGate implements Gate {

    private static final String COOKIE = "rf_session";

    private static final String BEARER = "Bearer ";
    private static final Set<String> SAFE = Set.of("GET", "HEAD");

    private final Site site;
    private final Sessions sessions;
    private final ApiTokens tokens;
    private final LocalPrograms local;

    public AuthGate(Site site, Sessions sessions, ApiTokens tokens, LocalPrograms local) {
        this.local = local;
        this.site = site;
        this.sessions = sessions;
        this.tokens = tokens;
    }

    @Override
    public void admit(Context ctx, Access access) {
        site.note(ctx);
        if (isUnsafe(ctx)) {
            refuseOtherSites(ctx);
        }
        if (access == Access.USER || access == Access.USER_OR_LOCAL && !local.admits(ctx)) {
            caller(ctx).attach(ctx);
        }
    }

    /** The session that a request names; empty with an API token, or without either. */
    static Optional<SessionToken> session(Context ctx, Site site) {
        return bearer(ctx).isPresent() ? Optional.empty() : cookie(ctx, site);
    }

    /**
     * Name of the session's cookie. Under TLS with a prefix, so that no other name of the same domain, and no page without
     * TLS, can set it.
     *
     * @see <a href="https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes">MDN:
     *     cookie prefixes</a>
     */
    static String cookieName(Context ctx, Site site) {
        return site.secure(ctx) ? "__Host-" + COOKIE : COOKIE;
    }

    /** True also for a WebSocket, which starts as a GET, but which browsers let any page open and read. */
    private static boolean isUnsafe(Context ctx) {
        return !SAFE.contains(ctx.req().getMethod()) || "websocket".equalsIgnoreCase(ctx.header("Upgrade"));
    }

    /**
     * Browsers send an Origin with unsafe requests, and newer ones also Sec-Fetch-Site; programs usually send neither. So a
     * session, which only browsers have, requires one of them.
     */
    private void refuseOtherSites(Context ctx) {
        var origin = Optional.ofNullable(ctx.header("Origin"));
        var fetchSite = Optional.ofNullable(ctx.header("Sec-Fetch-Site"));
        if (origin.filter(page -> !site.isOurs(page, ctx)).isPresent()
                || fetchSite.filter("cross-site"::equalsIgnoreCase).isPresent()) {
            throw Problem.forbidden(
                    "bad_origin",
                    "the request comes from a page of another site"
                            + origin.map(page -> " (" + page + ")").orElse("")
                            + "; if it is this server's own, set RESTIC_FLEET_PUBLIC_URL to the address in the browser");
        }
        boolean ours = origin.isPresent()
                || site.publicUrl().isEmpty()
                        && fetchSite.filter("same-origin"::equalsIgnoreCase).isPresent();
        if (!ours && session(ctx, site).isPresent()) {
            throw Problem.forbidden(
                    "bad_origin",
                    "a change by a session requires the header Origin with this server's address, as browsers send it;"
                            + " programs use an API token");
        }
    }

    private Caller caller(Context ctx) {
        var bearer = bearer(ctx);
        if (bearer.isPresent()) {
            return tokens.find(bearer.get())
                    .orElseThrow(
                            () -> refusal(ctx, "bad_token", "the API token is unknown, was deleted or has expired"));
        }
        return cookie(ctx, site)
                .flatMap(sessions::find)
                .orElseThrow(() -> refusal(ctx, "unauthenticated", "sign in, or send an API token"));
    }

    private static Problem refusal(Context ctx, String code, String detail) {
        ctx.header("WWW-Authenticate", "Bearer");
        return Problem.unauthenticated(code, detail);
    }

    private static Optional<String> bearer(Context ctx) {
        return Optional.ofNullable(ctx.header("Authorization"))
                .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(header -> header.substring(BEARER.length()).strip());
    }

    private static Optional<SessionToken> cookie(Context ctx, Site site) {
        return Optional.ofNullable(ctx.cookie(cookieName(ctx, site)))
                .filter(value -> !value.isEmpty())
                .map(SessionToken::new);
    }
}
