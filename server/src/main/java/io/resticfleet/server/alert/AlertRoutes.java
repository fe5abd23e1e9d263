package io.resticfleet.server.alert;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Routes for alerts. */
public final class AlertRoutes {

    private final Alerts alerts;
    private final Site site;

    public AlertRoutes(Alerts alerts, Site site) {
        this.alerts = alerts;
        this.site = site;
    }

    /** @param until reminders go on after this; never if left out */
    record Acknowledge(Optional<Instant> until, Optional<String> note) {}

    public void install(Routes routes) {
        routes.get("/api/alerts", Access.USER, "Alerts, open and resolved, the newest first", this::list)
                .queries(
                        Query.oneOf("state", words(AlertFilter.State.values(), AlertFilter.State::word)),
                        Query.text("host"),
                        Query.oneOf("kind", words(AlertKind.values(), AlertKind::word)),
                        Query.oneOf("severity", words(Severity.values(), Severity::word)))
                .answersPageOf(AlertView.class);
        routes.get(
                        "/api/alerts/{alert}",
                        Access.USER,
                        "One alert",
                        ctx -> answer(ctx, alerts.get(ctx.pathParam("alert"))))
                .answers(200, AlertView.class);
        routes.post(
                        "/api/alerts/{alert}/acknowledge",
                        Access.USER,
                        "Acknowledge an open alert: no reminders until it becomes more severe, or until a time",
                        this::acknowledge)
                .takesOptionally(Acknowledge.class)
                .answers(200, AlertView.class);
        routes.delete(
                        "/api/alerts/{alert}/acknowledge",
                        Access.USER,
                        "Take an acknowledgement back: reminders go on",
                        ctx -> answer(ctx, alerts.unacknowledge(Actor.of(ctx), ctx.pathParam("alert"))))
                .answers(200, AlertView.class);
    }

    private void list(Context ctx) {
        var filter = new AlertFilter(
                Requests.query(ctx, "state")
                        .map(word -> Requests.valid("state", "invalid_state", AlertFilter.State::of, word)),
                Requests.query(ctx, "host"),
                Requests.query(ctx, "kind").map(word -> Requests.valid("kind", "invalid_kind", AlertKind::of, word)),
                Requests.query(ctx, "severity")
                        .map(word -> Requests.valid("severity", "invalid_severity", Severity::of, word)));
        var page = alerts.page(Page.Request.of(ctx), filter);
        var url = site.url(ctx);
        ctx.json(new Page<>(
                page.items().stream().map(alert -> AlertView.of(alert, url)).toList(), page.nextCursor()));
    }

    private void acknowledge(Context ctx) {
        var body = ctx.bodyAsBytes().length == 0
                ? new Acknowledge(Optional.empty(), Optional.empty())
                : Requests.body(ctx, Acknowledge.class);
        answer(ctx, alerts.acknowledge(Actor.of(ctx), ctx.pathParam("alert"), body.until(), body.note()));
    }

    private void answer(Context ctx, Alert alert) {
        ctx.json(AlertView.of(alert, site.url(ctx)));
    }

    private static <E> List<String> words(E[] all, Function<E, String> word) {
        return Stream.of(all).map(word).toList();
    }
}
