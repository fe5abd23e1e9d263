package io.resticfleet.server.page.frame;

import io.javalin.http.Context;
import java.util.List;

/** Sends a browser to another page, in a way that htmx understands too. */
public final class Redirects {

    private static final String SAVED = "saved";

    private Redirects() {}

    /** @param path of this site */
    public static void to(Context ctx, String path) {
        if (ctx.header("HX-Request") != null) {
            ctx.status(200).header("HX-Redirect", path);
        } else {
            ctx.status(303).header("Location", path);
        }
    }

    /** The same, and the page there says that what was typed is saved. */
    public static void saved(Context ctx, String path) {
        to(ctx, path + "?" + SAVED);
    }

    /** What the page that a browser was sent to says of it. */
    static List<Toast> notes(Context ctx) {
        return ctx.queryParam(SAVED) == null ? List.of() : List.of(Toast.done("Saved.", "", ""));
    }
}
