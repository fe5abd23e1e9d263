package io.resticfleet.server.page.host;

import io.javalin.http.Context;
import io.resticfleet.server.enrollment.Replacements;
import io.resticfleet.server.host.HostSilences;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.web.Requests;
import java.util.List;
import java.util.Locale;

/** Makes the frame of a host's pages. */
public final class HostFrames {

    private final Frames frames;
    private final HostCards cards;
    private final Fleet fleet;
    private final DivergencePages divergence;
    private final RetentionOverview retention;
    private final Replacements replacements;
    private final HostSilences silences;

    public HostFrames(
            Frames frames,
            HostCards cards,
            Fleet fleet,
            DivergencePages divergence,
            RetentionOverview retention,
            Replacements replacements,
            HostSilences silences) {
        this.silences = silences;
        this.replacements = replacements;
        this.retention = retention;
        this.divergence = divergence;
        this.frames = frames;
        this.cards = cards;
        this.fleet = fleet;
    }

    /**
     * The status of the host in the request's path.
     *
     * @throws io.resticfleet.server.web.Problem 404
     */
    public HostStatus status(Context ctx) {
        return fleet.get(Requests.host(ctx));
    }

    /** @param api path below the host's in the API that returns the same data, such as {@code /schedules} */
    public HostFrame of(Context ctx, HostStatus status, String tab, String api) {
        var host = status.host();
        var title = host.name()
                + (tab.isEmpty() ? "" : " · " + tab.substring(0, 1).toUpperCase(Locale.ROOT) + tab.substring(1));
        var frame = frames.of(ctx, "machines", title, "/api/hosts/" + host.id() + api);
        var viewer = frame.viewer();
        return new HostFrame(
                frame,
                tab,
                cards.of(viewer, List.of(status)).get(0).as("head", "host/head.jte", viewer),
                divergence.note(viewer, host.id()),
                new Fragment<>(
                        ReplacementNote.ID,
                        ReplacementNote.TEMPLATE,
                        ReplacementNote.of(host.id(), replacements.find(host.id()), viewer.now()),
                        viewer),
                new Fragment<>(
                        QuietNote.ID,
                        QuietNote.TEMPLATE,
                        new QuietNote(host.id(), status.pause(), silences.find(host.id())),
                        viewer),
                retention.untrustedSince(host.id()));
    }
}
