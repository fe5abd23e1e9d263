package io.resticfleet.server.web;

import io.javalin.http.Context;

/**
 * Security headers. Pages load scripts and styles from this server only, none inline, cannot be framed, and send no
 * referrer to other sites.
 *
 * @see <a href="https://www.w3.org/TR/CSP3/">Content Security Policy Level 3</a>
 */
final class BrowserRules {

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private BrowserRules() {}

    /** Headers of every response except assets: responses may contain secrets, and change often. */
    static void forbidCaching(Context ctx) {
        ctx.header("Cache-Control", "no-store");
        ctx.header("X-Content-Type-Options", "nosniff");
    }

    /** Headers of every page. */
    static void apply(Context ctx) {
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("X-Frame-Options", "DENY");
        // Not "no-referrer": browsers then send "Origin: null" with our own forms.
        ctx.header("Referrer-Policy", "same-origin");
        ctx.header("Cross-Origin-Opener-Policy", "same-origin");
    }
}
