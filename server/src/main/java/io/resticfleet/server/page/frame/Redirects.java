package io.resticfleet.server.page.frame;

import io.javalin.http.Context;
import java.util.List;

/** Redirects to another page, for plain and for htmx requests. */
public final class Redirects {

    private static final String SAVED = "saved";

    private Redirects() {}

    /** @param path on this server */
    public static void to(Context ctx, String path) {
        if (ctx.header("HX-Request") != null) {
            ctx.status(200).header("HX-Redirect", path);
        } else {
            ctx.status(303).header("Location", path);
        }
    }

    /** As {@link #to}; the page then confirms that the input was saved. */
    public static void saved(Context ctx, String path) {
        to(ctx, path + "?" + SAVED);
    }

    /** Toasts about the redirect that led to this page. */
    static List<Toast> notes(Context ctx) {
        return ctx.queryParam(SAVED) == null ? List.of() : List.of(Toast.done("Saved.", "", ""));
    }
}
