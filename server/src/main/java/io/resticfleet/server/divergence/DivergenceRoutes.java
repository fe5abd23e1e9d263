package io.resticfleet.server.divergence;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;

/** Diverged hosts, and the decisions about them, over HTTP. */
public final class DivergenceRoutes {

    private static final String ALL = "/api/restored";
    private static final String ONE = "/api/hosts/{host}/restored";

    private final Divergences divergences;
    private final Decisions decisions;

    public DivergenceRoutes(Divergences divergences, Decisions decisions) {
        this.divergences = divergences;
        this.decisions = decisions;
    }

    /** @param items undecided hosts, in order of enrolment */
    record Waiting(List<DivergedHost> items) {}

    /** @param decision {@code push} the server's schedules, or {@code keep} the host's */
    record Body(String decision) {}

    public void install(Routes routes) {
        routes.get(ALL, Access.USER, "List hosts that wait for a decision after a restore of the database", this::list)
                .answers(200, Waiting.class);
        routes.post(ALL, Access.USER, "Decide for all of them; answers with those still undecided", this::decideAll)
                .takes(Body.class)
                .answers(200, Waiting.class);
        routes.post(ONE, Access.USER, "Decide for one of them; answers with those still undecided", this::decide)
                .takes(Body.class)
                .answers(200, Waiting.class);
    }

    private void list(Context ctx) {
        ctx.json(new Waiting(divergences.list()));
    }

    private void decide(Context ctx) {
        decisions.decide(Actor.of(ctx), Requests.host(ctx), decision(ctx));
        list(ctx);
    }

    private void decideAll(Context ctx) {
        decisions.decideAll(Actor.of(ctx), decision(ctx));
        list(ctx);
    }

    private static Decision decision(Context ctx) {
        var body = Requests.body(ctx, Body.class);
        return Requests.valid("decision", "invalid_decision", Decision::of, body.decision());
    }
}
