package io.resticfleet.server.page.frame;

import io.javalin.http.Context;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.web.Assets;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Site;
import java.time.InstantSource;

/** Builds the {@link Frame} for a request. */
public final class Frames {

    private final CommonFragments common;
    private final Assets assets;
    private final Site site;
    private final InstantSource clock;

    public Frames(CommonFragments common, Assets assets, Site site, InstantSource clock) {
        this.common = common;
        this.assets = assets;
        this.site = site;
        this.clock = clock;
    }

    /** For a signed-in user. See {@link Frame}. */
    public Frame of(Context ctx, String section, String title, String api) {
        return frame(ctx, section, title, Caller.of(ctx).username(), api);
    }

    /** For pages that need no sign-in. */
    public Frame open(Context ctx, String title) {
        return frame(ctx, "", title, "", "");
    }

    private Frame frame(Context ctx, String section, String title, String username, String api) {
        var notes = Redirects.notes(ctx);
        var viewer = Viewer.of(ctx, clock.instant());
        return new Frame(
                title,
                section,
                username,
                viewer,
                assets,
                site.url(ctx),
                api,
                notes,
                common.trouble(viewer),
                common.alertCount(viewer),
                common.alerted(viewer));
    }
}
