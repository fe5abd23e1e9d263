package io.resticfleet.server.page.alert;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.channel.Channel;
import io.resticfleet.server.channel.ChannelKind;
import io.resticfleet.server.channel.Channels;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.watchdog.Watchdog;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The channels: a list, the form of each kind, a test, and what became of the messages. */
public final class ChannelPages {

    private static final String PATH = "/channels";
    private static final String NEW = PATH + "/new";
    private static final String ONE = PATH + "/{channel}";
    private static final String SECTION = "alerts";
    private static final int DELIVERIES = 20;

    private final Html html;
    private final LivePages livePages;
    private final Frames frames;
    private final Channels channels;
    private final Fleet fleet;
    private final Watchdog watchdog;

    public ChannelPages(
            Html html, LivePages livePages, Frames frames, Channels channels, Fleet fleet, Watchdog watchdog) {
        this.watchdog = watchdog;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.channels = channels;
        this.fleet = fleet;
    }

    /** The path of the form of a new one precedes that of one channel. */
    public void install(Routes routes) {
        routes.page(PATH, Access.USER, ctx -> livePages.show(ctx, look -> list(ctx)));
        routes.page(
                NEW,
                Access.USER,
                ctx -> ask(
                        ctx, ChannelForm.empty(kind(Requests.query(ctx, "kind").orElse("email"))), Map.of()));
        routes.form(NEW, Access.USER, this::create);
        routes.page(ONE, Access.USER, ctx -> livePages.show(ctx, look -> one(ctx)));
        routes.form(ONE, Access.USER, this::update);
        routes.form(ONE + "/test", Access.USER, this::test);
        routes.form(ONE + "/delete", Access.USER, this::delete);
    }

    private ChannelsScreen list(Context ctx) {
        var frame = frames.of(ctx, SECTION, "Channels", "/api/channels");
        return new ChannelsScreen(
                frame,
                new Fragment<>(
                        "channels", "alert/channel-list.jte", new ChannelsScreen.Shown(channels.all()), frame.viewer()),
                watchdog.get());
    }

    private void ask(Context ctx, ChannelForm form, Map<String, String> wrong) {
        var frame = frames.of(ctx, SECTION, "Add a channel", "");
        html.answer(ctx, "alert/new-channel.jte", new NewChannelScreen(frame, form, hosts(), wrong));
    }

    private void create(Context ctx) {
        var form = ChannelForm.typed(
                kind(Requests.field(ctx, "kind")),
                field -> Requests.field(ctx, field),
                Requests.fields(ctx, "hosts"),
                List.of());
        try {
            Redirects.saved(ctx, path(channels.create(Actor.of(ctx), form.body())));
        } catch (Problem e) {
            ctx.status(e.status());
            ask(ctx, form, ChannelForm.wrong(e));
        }
    }

    private ChannelScreen one(Context ctx) {
        var channel = channels.get(id(ctx));
        return screen(ctx, channel, ChannelForm.of(channel), Map.of());
    }

    private ChannelScreen screen(Context ctx, Channel channel, ChannelForm form, Map<String, String> wrong) {
        var frame = frames.of(ctx, SECTION, channel.name(), "/api/channels/" + channel.id());
        var page = channels.deliveries(channel.id(), new Page.Request(DELIVERIES, Requests.query(ctx, "cursor")));
        var deliveries = new ChannelScreen.Deliveries(
                page.items(),
                page.nextCursor()
                        .map(cursor -> path(channel) + "?cursor=" + cursor + "#deliveries")
                        .orElse(""));
        return new ChannelScreen(
                frame,
                new Fragment<>("channel", "alert/channel-head.jte", channel, frame.viewer()),
                new Fragment<>("deliveries", "alert/deliveries.jte", deliveries, frame.viewer()),
                form,
                hosts(),
                wrong);
    }

    private void update(Context ctx) {
        var channel = channels.get(id(ctx));
        var form = ChannelForm.typed(
                channel.kind(), field -> Requests.field(ctx, field), Requests.fields(ctx, "hosts"), channel.secrets());
        try {
            Redirects.saved(ctx, path(channels.update(Actor.of(ctx), channel.id(), form.body())));
        } catch (Problem e) {
            ctx.status(e.status());
            var screen = screen(ctx, channel, form, ChannelForm.wrong(e));
            html.answer(ctx, screen.template(), screen);
        }
    }

    private void test(Context ctx) {
        var result = channels.test(Actor.of(ctx), id(ctx));
        if (ctx.header("HX-Request") != null) {
            html.answer(ctx, "alert/test-result.jte", result);
        } else {
            Redirects.to(ctx, PATH + "/" + id(ctx) + "#deliveries");
        }
    }

    private void delete(Context ctx) {
        if (Requests.field(ctx, "confirmed").isEmpty()) {
            throw Problem.invalid("not_confirmed", "confirm that nothing more is sent to the channel");
        }
        channels.delete(Actor.of(ctx), id(ctx));
        Redirects.to(ctx, PATH);
    }

    private List<NewChannelScreen.HostChoice> hosts() {
        return fleet.now().hosts().stream()
                .map(status -> new NewChannelScreen.HostChoice(
                        status.host().id().value(), status.host().name()))
                .sorted(Comparator.comparing(NewChannelScreen.HostChoice::name, String.CASE_INSENSITIVE_ORDER))
                .toList();
    }

    /** The first one for a word that is of none, as of an address that was typed. */
    private static ChannelKind kind(String word) {
        return Stream.of(ChannelKind.values())
                .filter(kind -> kind.word().equals(word))
                .findFirst()
                .orElse(ChannelKind.EMAIL);
    }

    private static String id(Context ctx) {
        return ctx.pathParam("channel");
    }

    private static String path(Channel channel) {
        return PATH + "/" + channel.id();
    }
}
