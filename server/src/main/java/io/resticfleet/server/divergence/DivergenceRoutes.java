package io.resticfleet.server.divergence;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;

/** What waits for a decision after the database was put back from a copy, over HTTP. */
public final class DivergenceRoutes {

    private static final String ALL = "/api/restored";
    private static final String ONE = "/api/hosts/{host}/restored";

    private final Divergences divergences;
    private final Decisions decisions;

    public DivergenceRoutes(Divergences divergences, Decisions decisions) {
        this.divergences = divergences;
        this.decisions = decisions;
    }

    /** @param items the machines that wait, in the order in which they joined */
    record Waiting(List<DivergedHost> items) {}

    /** @param decision {@code push} this server's schedules, or {@code keep} the machine's */
    record Body(String decision) {}

    public void install(Routes routes) {
        routes.get(ALL, Access.USER, "Machines that know more than this database, and wait for a word", this::list)
                .answers(200, Waiting.class);
        routes.post(ALL, Access.USER, "Decide about all of them; answers which still wait", this::decideAll)
                .takes(Body.class)
                .answers(200, Waiting.class);
        routes.post(ONE, Access.USER, "Decide about one of them; answers which still wait", this::decide)
                .takes(Body.class)
                .answers(200, Waiting.class);
    }

    private void list(Context ctx) {
        ctx.json(new Waiting(divergences.list()));
    }

    private void decide(Context ctx) {
        decisions.decide(Actor.of(ctx), ctx.pathParam("host"), decision(ctx));
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
