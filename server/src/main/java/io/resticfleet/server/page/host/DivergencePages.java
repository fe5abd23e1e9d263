package io.resticfleet.server.page.host;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.divergence.Decision;
import io.resticfleet.server.divergence.Decisions;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Asks which schedules should apply after the database was restored from an older copy, and takes the decision. */
public final class DivergencePages {

    private final Divergences divergences;
    private final Decisions decisions;

    public DivergencePages(Divergences divergences, Decisions decisions) {
        this.divergences = divergences;
        this.decisions = decisions;
    }

    public void install(Routes routes) {
        routes.form("/restored", Access.USER, this::decideAll);
        routes.form("/hosts/{host}/restored", Access.USER, this::decide);
    }

    /** For all hosts. */
    public DivergenceNote note() {
        return new DivergenceNote("/restored", divergences.list());
    }

    /** For one host. */
    public Fragment<DivergenceNote> note(Viewer viewer, HostId hostId) {
        var waiting = divergences.list().stream()
                .filter(host -> host.hostId().equals(hostId))
                .toList();
        return new Fragment<>(
                DivergenceNote.ID,
                DivergenceNote.TEMPLATE,
                new DivergenceNote("/hosts/" + hostId + "/restored", waiting),
                viewer);
    }

    private void decideAll(Context ctx) {
        decisions.decideAll(Actor.of(ctx), decision(ctx));
        Redirects.to(ctx, "/");
    }

    private void decide(Context ctx) {
        decisions.decide(Actor.of(ctx), Requests.host(ctx), decision(ctx));
        Redirects.to(ctx, "/hosts/" + Requests.host(ctx) + "/schedules");
    }

    private static Decision decision(Context ctx) {
        return Requests.valid("decision", "invalid_decision", Decision::of, Requests.field(ctx, "decision"));
    }
}
