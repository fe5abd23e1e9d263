package io.resticfleet.server.page;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.divergence.Decision;
import io.resticfleet.server.divergence.Decisions;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Whose schedules hold after the database was put back from a copy: asked for, and decided. */
final class RestoredPages {

    private final Divergences divergences;
    private final Decisions decisions;

    RestoredPages(Divergences divergences, Decisions decisions) {
        this.divergences = divergences;
        this.decisions = decisions;
    }

    void install(Routes routes) {
        routes.form("/restored", Access.USER, this::decideAll);
        routes.form("/hosts/{host}/restored", Access.USER, this::decide);
    }

    /** Of all machines. */
    Fragment<RestoredNote> note(Viewer viewer) {
        return fragment(new RestoredNote("/restored", divergences.list()), viewer);
    }

    /** Of one machine. */
    Fragment<RestoredNote> note(Viewer viewer, String hostId) {
        var waiting = divergences.list().stream()
                .filter(host -> host.hostId().equals(hostId))
                .toList();
        return fragment(new RestoredNote("/hosts/" + hostId + "/restored", waiting), viewer);
    }

    private static Fragment<RestoredNote> fragment(RestoredNote note, Viewer viewer) {
        return new Fragment<>("restored", "restored.jte", note, viewer);
    }

    private void decideAll(Context ctx) {
        decisions.decideAll(Actor.of(ctx), decision(ctx));
        RedirectPages.to(ctx, "/");
    }

    private void decide(Context ctx) {
        decisions.decide(Actor.of(ctx), ctx.pathParam("host"), decision(ctx));
        RedirectPages.to(ctx, "/hosts/" + ctx.pathParam("host") + "/schedules");
    }

    private static Decision decision(Context ctx) {
        return Requests.valid("decision", "invalid_decision", Decision::of, Requests.field(ctx, "decision"));
    }
}
