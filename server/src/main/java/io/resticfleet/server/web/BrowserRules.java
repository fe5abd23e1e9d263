package io.resticfleet.server.web;

import io.javalin.http.Context;

/**
 * What browsers are told about every page: it runs scripts and styles of this server only, none of them inline; nobody
 * frames it; and no address of it leaves the site.
 *
 * @see <a href="https://www.w3.org/TR/CSP3/">Content Security Policy Level 3</a>
 */
final class BrowserRules {

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private BrowserRules() {}

    /** Of every answer, but files that pages load: they hold secrets at times, and are never the same for long. */
    static void keepNothing(Context ctx) {
        ctx.header("Cache-Control", "no-store");
        ctx.header("X-Content-Type-Options", "nosniff");
    }

    /** Of every page. */
    static void apply(Context ctx) {
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("X-Frame-Options", "DENY");
        // Not "no-referrer": browsers would then send "Origin: null" with our own forms.
        ctx.header("Referrer-Policy", "same-origin");
        ctx.header("Cross-Origin-Opener-Policy", "same-origin");
    }
}
