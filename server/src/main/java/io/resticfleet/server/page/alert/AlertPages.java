package io.resticfleet.server.page.alert;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.alert.AlertFilter;
import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.channel.Channels;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.frame.Toast;
import io.resticfleet.server.page.frame.UntilField;
import io.resticfleet.server.page.text.AlertWords;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The alerts: those that are open, those that are over, and who knows of them. */
public final class AlertPages {

    private static final String PATH = "/alerts";
    private static final String ONE = PATH + "/{alert}";
    private static final int MOST_OPEN = 100;
    private static final int PAGE_SIZE = 30;

    private final Html html;
    private final LivePages livePages;
    private final Frames frames;
    private final Alerts alerts;
    private final Channels channels;
    private final Fleet fleet;
    private final InstantSource clock;

    public AlertPages(
            Html html,
            LivePages livePages,
            Frames frames,
            Alerts alerts,
            Channels channels,
            Fleet fleet,
            InstantSource clock) {
        this.channels = channels;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.alerts = alerts;
        this.fleet = fleet;
        this.clock = clock;
    }

    public void install(Routes routes) {
        routes.page(PATH, Access.USER, ctx -> livePages.show(ctx, look -> list(ctx)));
        routes.page(ONE, Access.USER, ctx -> livePages.show(ctx, look -> one(ctx)));
        routes.form(ONE + "/acknowledge", Access.USER, this::acknowledge);
        routes.form(ONE + "/unacknowledge", Access.USER, this::unacknowledge);
    }

    private AlertsScreen list(Context ctx) {
        var host = Requests.query(ctx, "host").filter(Id::matches).map(HostId::new);
        var suffix = host.map(id -> "&host=" + id).orElse("");
        var frame = frames.of(ctx, "alerts", "Alerts", "/api/alerts" + suffix.replaceFirst("&", "?"));
        var viewer = frame.viewer();
        return new AlertsScreen(
                frame,
                host.map(id -> fleet.now()
                                .find(id)
                                .map(status -> status.host().name())
                                .orElse("a machine that was deleted"))
                        .orElse(""),
                new Fragment<>("open-alerts", "alert/open.jte", open(ctx, host, suffix), viewer),
                new Fragment<>("past-alerts", "alert/past.jte", past(ctx, host, suffix), viewer));
    }

    private AlertsScreen.Open open(Context ctx, Optional<HostId> host, String suffix) {
        var all = alerts.open().stream()
                .filter(alert -> host.isEmpty() || alert.subject().concerns().contains(host.get()))
                .sorted(Comparator.comparing(alert -> alert.acknowledged().isPresent()))
                .toList();
        int from = Requests.query(ctx, "from")
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(Integer::parseInt)
                .filter(index -> index < all.size())
                .orElse(0);
        int until = Math.min(from + MOST_OPEN, all.size());
        return new AlertsScreen.Open(
                lines(all.subList(from, until)),
                all.size(),
                channels.all().stream().anyMatch(channel -> channel.kind().takesAlerts()),
                until < all.size() ? PATH + "?from=" + until + suffix : "");
    }

    private AlertsScreen.Past past(Context ctx, Optional<HostId> host, String suffix) {
        var page = alerts.page(
                new Page.Request(PAGE_SIZE, Requests.query(ctx, "cursor")),
                new AlertFilter(
                        Optional.of(AlertFilter.State.RESOLVED),
                        host.map(HostId::value),
                        Optional.empty(),
                        Optional.empty()));
        return new AlertsScreen.Past(
                lines(page.items()),
                page.nextCursor()
                        .map(cursor -> PATH + "?cursor=" + cursor + suffix + "#past-alerts")
                        .orElse(""));
    }

    private static List<AlertLine> lines(List<Alert> alerts) {
        return alerts.stream().map(AlertLine::new).toList();
    }

    private AlertScreen one(Context ctx) {
        var alert = alerts.get(ctx.pathParam("alert"));
        var frame = frames.of(ctx, "alerts", AlertWords.of(alert.kind()), "/api/alerts/" + alert.id());
        return new AlertScreen(frame, new Fragment<>("alert", "alert/head.jte", new AlertLine(alert), frame.viewer()));
    }

    private void acknowledge(Context ctx) {
        var note = Optional.of(Requests.field(ctx, "note").strip()).filter(text -> !text.isEmpty());
        var alert = alerts.acknowledge(Actor.of(ctx), ctx.pathParam("alert"), UntilField.of(ctx, clock), note);
        boolean fromList = !Requests.field(ctx, "list").isEmpty();
        if (fromList && ctx.header("HX-Request") != null) {
            html.answer(
                    ctx,
                    "frame/toast.jte",
                    Toast.done("Acknowledged: no reminders, unless it gets worse.", path(alert), "Add a note"));
        } else {
            Redirects.saved(ctx, fromList ? PATH : path(alert));
        }
    }

    private void unacknowledge(Context ctx) {
        Redirects.saved(ctx, path(alerts.unacknowledge(Actor.of(ctx), ctx.pathParam("alert"))));
    }

    private static String path(Alert alert) {
        return PATH + "/" + alert.id();
    }
}
