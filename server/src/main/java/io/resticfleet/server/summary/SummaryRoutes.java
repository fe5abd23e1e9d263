package io.resticfleet.server.summary;

import io.javalin.http.Context;
import io.resticfleet.server.alert.AlertFilter;
import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import io.resticfleet.server.web.Site;
import java.util.Optional;
import java.util.Set;

/** Routes for dashboards, pages and feed readers elsewhere. */
public final class SummaryRoutes {

    /** An answer with a key outlives the token that asked for it, so reading alone does not suffice. */
    private static final Set<Scope> KEY = Set.of(Scope.READ, Scope.WRITE);

    /** Number of alerts in the feed. */
    private static final int FEED_LENGTH = 50;

    private final Summaries summaries;
    private final SharedLinks links;
    private final Alerts alerts;
    private final Site site;

    public SummaryRoutes(Summaries summaries, SharedLinks links, Alerts alerts, Site site) {
        this.summaries = summaries;
        this.links = links;
        this.alerts = alerts;
        this.site = site;
    }

    /** @param url works without signing in, for everybody who knows it */
    record Shared(String url) {}

    public void install(Routes routes) {
        routes.get("/api/summary", Access.USER, "The fleet in a few figures", ctx -> ctx.json(summaries.get()))
                .answers(200, Summary.class);
        routes.get("/api/badges", Access.USER, "The address of the badge of all hosts", this::fleetBadge)
                .answers(200, Shared.class);
        routes.post("/api/badges/renew", Access.USER, "Replace the keys of all badges", ctx -> {
                    links.renew(Actor.of(ctx), SharedLinks.Kind.BADGES);
                    fleetBadge(ctx);
                })
                .scopes(KEY)
                .answers(200, Shared.class);
        routes.get("/badge/{host}.svg", Access.OPEN, "A host's status as a small picture, or the fleet's", this::badge)
                .queries(Query.text("key"))
                .answers(200, "image/svg+xml");
        routes.get("/api/feed", Access.USER, "The address of the Atom feed of alerts", ctx -> {
                    links.get(SharedLinks.Kind.FEED);
                    ctx.json(new Shared(site.url(ctx) + feedPath()));
                })
                .scopes(KEY)
                .answers(200, Shared.class);
        routes.post("/api/feed/renew", Access.USER, "Replace the key of the feed of alerts", ctx -> {
                    links.renew(Actor.of(ctx), SharedLinks.Kind.FEED);
                    ctx.json(new Shared(site.url(ctx) + feedPath()));
                })
                .scopes(KEY)
                .answers(200, Shared.class);
        routes.get("/alerts.atom", Access.OPEN, "The last alerts as an Atom feed", this::feed)
                .queries(Query.text("key"))
                .answers(200, "application/atom+xml");
    }

    private void fleetBadge(Context ctx) {
        ctx.json(new Shared(site.url(ctx) + summaries.fleetBadgePath()));
    }

    private String feedPath() {
        return "/alerts.atom?key=" + links.get(SharedLinks.Kind.FEED).secret();
    }

    private void badge(Context ctx) {
        var badge = summaries
                .badge(ctx.pathParam("host"), key(ctx))
                .orElseThrow(() -> Problem.notFound("a badge with this address"));
        ctx.header("Cross-Origin-Resource-Policy", "cross-origin");
        ctx.header("Content-Security-Policy", "default-src 'none'; sandbox");
        shortLived(ctx, "image/svg+xml;charset=utf-8", badge.svg());
    }

    private void feed(Context ctx) {
        var known = links.get(SharedLinks.Kind.FEED);
        if (!Tokens.same(known.secret(), key(ctx))) {
            throw Problem.notFound("a feed with this address");
        }
        var last = alerts.page(new Page.Request(FEED_LENGTH, Optional.empty()), AlertFilter.ALL);
        shortLived(ctx, "application/atom+xml;charset=utf-8", AlertFeed.of(known.id(), last.items(), site.url(ctx)));
    }

    private static String key(Context ctx) {
        return Requests.query(ctx, "key").orElse("");
    }

    /** Services that show it may keep it for a minute, and ask with its tag whether it has changed. */
    private static void shortLived(Context ctx, String type, String body) {
        var tag = '"' + Tokens.sha256(body).substring(0, 32) + '"';
        ctx.header("Cache-Control", "max-age=60");
        ctx.header("Referrer-Policy", "no-referrer");
        ctx.header("ETag", tag);
        if (tag.equals(ctx.header("If-None-Match"))) {
            ctx.status(304);
        } else {
            ctx.contentType(type).result(body);
        }
    }
}
