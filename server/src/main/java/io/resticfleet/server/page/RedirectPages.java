package io.resticfleet.server.page;

import io.javalin.http.Context;

/** Sends a browser to another page, in a way that htmx understands too. */
final class RedirectPages {

    private RedirectPages() {}

    /** @param path of this site */
    static void to(Context ctx, String path) {
        if (ctx.header("HX-Request") != null) {
            ctx.status(200).header("HX-Redirect", path);
        } else {
            ctx.status(303).header("Location", path);
        }
    }
}
