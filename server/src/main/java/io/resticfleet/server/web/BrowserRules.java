package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.util.function.BiConsumer;

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

    static void apply(Context ctx) {
        apply(ctx::header);
    }

    /**
     * Headers of every page.
     *
     * @param response takes names and values
     */
    static void apply(BiConsumer<String, String> response) {
        response.accept("Content-Security-Policy", POLICY);
        response.accept("X-Frame-Options", "DENY");
        // Not "no-referrer": browsers then send "Origin: null" with our own forms.
        response.accept("Referrer-Policy", "same-origin");
        response.accept("Cross-Origin-Opener-Policy", "same-origin");
    }
}
