package io.resticfleet.server.page.alert;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.summary.SharedLinks;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.util.Set;

/** The address of the Atom feed of alerts. On a page of its own: it has a key, which is made when it is needed first. */
public final class FeedPages {

    private static final String PATH = "/alerts/feed";

    private final Html html;
    private final Frames frames;
    private final SharedLinks links;

    public FeedPages(Html html, Frames frames, SharedLinks links) {
        this.html = html;
        this.frames = frames;
        this.links = links;
    }

    public void install(Routes routes) {
        routes.page(PATH, Access.USER, this::show).scopes(Set.of(Scope.READ, Scope.WRITE));
        routes.form(PATH + "/renew", Access.USER, this::renew);
    }

    private void show(Context ctx) {
        var frame = frames.of(ctx, "alerts", "Feed of alerts", "/api/feed");
        html.answer(ctx, "alert/feed.jte", new FeedScreen(frame, frame.url() + links.feedPath()));
    }

    private void renew(Context ctx) {
        links.renewFeed(Actor.of(ctx));
        Redirects.saved(ctx, PATH);
    }
}
