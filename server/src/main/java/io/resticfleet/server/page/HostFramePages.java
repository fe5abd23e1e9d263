package io.resticfleet.server.page;

import io.javalin.http.Context;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostStatus;
import java.util.Locale;

/** Makes the frame of a host's pages. */
final class HostFramePages {

    private final FramePages frames;
    private final HostCards cards;
    private final Fleet fleet;
    private final RestoredPages restored;

    HostFramePages(FramePages frames, HostCards cards, Fleet fleet, RestoredPages restored) {
        this.restored = restored;
        this.frames = frames;
        this.cards = cards;
        this.fleet = fleet;
    }

    /**
     * How the host stands that a path names.
     *
     * @throws io.resticfleet.server.web.Problem 404
     */
    HostStatus status(Context ctx) {
        return fleet.get(ctx.pathParam("host"));
    }

    /** @param api what of the host's part of the API shows the same, such as {@code /schedules} */
    HostFrame of(Context ctx, HostStatus status, String tab, String api) {
        var host = status.host();
        var title = host.name()
                + (tab.isEmpty() ? "" : " · " + tab.substring(0, 1).toUpperCase(Locale.ROOT) + tab.substring(1));
        var frame = frames.of(ctx, "machines", title, "/api/hosts/" + host.id() + api);
        var viewer = frame.viewer();
        return new HostFrame(
                frame,
                tab,
                new Fragment<>("head", "hosthead.jte", cards.of(viewer, status), viewer),
                restored.note(viewer, host.id()));
    }
}
