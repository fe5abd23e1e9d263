package io.resticfleet.server.page.hostsettings;

import io.javalin.http.Context;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.retention.RetentionDecisions;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.util.List;

/** Whether a host is trusted: from a moment on, nothing that it makes counts, and nothing of it is removed. */
public final class TrustPages {

    private final RetentionOverview overview;
    private final RetentionDecisions decisions;
    private final InstantSource clock;

    public TrustPages(RetentionOverview overview, RetentionDecisions decisions, InstantSource clock) {
        this.overview = overview;
        this.decisions = decisions;
        this.clock = clock;
    }

    public void install(Routes routes) {
        routes.form("/hosts/{host}/not-trusted", Access.USER, this::distrust);
        routes.form("/hosts/{host}/trust", Access.USER, this::trust);
    }

    private void distrust(Context ctx) {
        confirmed(ctx, "confirm that nothing that the machine makes is to count");
        decisions.distrust(Actor.of(ctx), Requests.host(ctx), since(ctx));
        Redirects.saved(ctx, "/hosts/" + Requests.host(ctx) + "/settings");
    }

    private void trust(Context ctx) {
        confirmed(ctx, "confirm that the machine is in the hands of its owner again");
        decisions.trust(Actor.of(ctx), Requests.host(ctx));
        Redirects.saved(ctx, "/hosts/" + Requests.host(ctx) + "/settings");
    }

    private static void confirmed(Context ctx, String what) {
        if (Requests.field(ctx, "confirmed").isEmpty()) {
            throw Problem.invalid("not_confirmed", what);
        }
    }

    /** As browsers send a local time; in the user's zone. */
    private Instant since(Context ctx) {
        var viewer = Viewer.of(ctx, clock.instant());
        try {
            return LocalDateTime.parse(Requests.field(ctx, "since"))
                    .atZone(viewer.zone())
                    .toInstant();
        } catch (DateTimeException e) {
            throw Problem.invalid(
                    List.of(new Violation("since", "invalid_time", "enter day and time, such as 2026-03-01T12:00")));
        }
    }

    /** What the settings page shows of it. */
    Trust of(Host host, Viewer viewer) {
        return new Trust(
                overview.untrustedSince(host.id()),
                viewer.now()
                        .atZone(viewer.zone())
                        .toLocalDateTime()
                        .withSecond(0)
                        .withNano(0)
                        .toString());
    }
}
