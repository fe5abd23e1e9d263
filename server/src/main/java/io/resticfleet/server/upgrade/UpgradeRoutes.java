package io.resticfleet.server.upgrade;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Optional;

/** Agent versions and upgrades over HTTP. */
public final class UpgradeRoutes {

    private static final String ALL = "/api/agents/upgrade";

    private final Upgrades upgrades;

    public UpgradeRoutes(Upgrades upgrades) {
        this.upgrades = upgrades;
    }

    /**
     * The agent versions of all hosts.
     *
     * @param offered the agent that this server carries; null if it was built without it
     * @param items every host, in order of enrolment
     */
    record Agents(Optional<BundledAgent> offered, Rollout.View rollout, List<HostUpgrade> items) {}

    public void install(Routes routes) {
        routes.get(ALL, Access.USER, "List agent versions and the state of upgrades", this::list)
                .answers(200, Agents.class);
        routes.post(
                        ALL,
                        Access.USER,
                        "Upgrade all agents that are older, one at a time; stops at the first failure. Continues a rollout that is"
                                + " paused since the server was restarted",
                        this::orderAll)
                .answers(202, Agents.class);
        routes.post("/api/hosts/{host}/upgrade", Access.USER, "Upgrade the agent of one host", this::order)
                .answers(202, HostUpgrade.class);
    }

    private void list(Context ctx) {
        ctx.json(new Agents(upgrades.offer(), upgrades.rollout(), upgrades.list()));
    }

    private void orderAll(Context ctx) {
        upgrades.orderAll(Actor.of(ctx));
        ctx.status(202);
        list(ctx);
    }

    private void order(Context ctx) {
        upgrades.order(Actor.of(ctx), Requests.host(ctx));
        ctx.status(202).json(upgrades.get(Requests.host(ctx)));
    }
}
