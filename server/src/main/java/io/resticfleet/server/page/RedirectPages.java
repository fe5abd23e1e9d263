package io.resticfleet.server.page;

import io.javalin.http.Context;
import java.util.List;

/** Sends a browser to another page, in a way that htmx understands too. */
final class RedirectPages {

    private static final String SAVED = "saved";

    private RedirectPages() {}

    /** @param path of this site */
    static void to(Context ctx, String path) {
        if (ctx.header("HX-Request") != null) {
            ctx.status(200).header("HX-Redirect", path);
        } else {
            ctx.status(303).header("Location", path);
        }
    }

    /** The same, and the page there says that what was typed is saved. */
    static void saved(Context ctx, String path) {
        to(ctx, path + "?" + SAVED);
    }

    /** What the page that a browser was sent to says of it. */
    static List<Toast> notes(Context ctx) {
        return ctx.queryParam(SAVED) == null ? List.of() : List.of(Toast.done("Saved.", "", ""));
    }
}
