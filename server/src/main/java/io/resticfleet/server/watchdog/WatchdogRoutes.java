package io.resticfleet.server.watchdog;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Routes for the watchdog. */
public final class WatchdogRoutes {

    private static final String PATH = "/api/watchdog";

    private final Watchdog watchdog;

    public WatchdogRoutes(Watchdog watchdog) {
        this.watchdog = watchdog;
    }

    public void install(Routes routes) {
        routes.get(
                        PATH,
                        Access.USER,
                        "What this server pings while it works, and whether it does",
                        ctx -> ctx.json(watchdog.get()))
                .answers(200, WatchdogView.class);
        routes.put(
                        PATH,
                        Access.USER,
                        "Set the address to ping while this server works",
                        ctx -> ctx.json(watchdog.set(Actor.of(ctx), Requests.body(ctx, WatchdogBody.class))))
                .takes(WatchdogBody.class)
                .answers(200, WatchdogView.class);
        routes.delete(PATH, Access.USER, "Ping nothing", ctx -> {
                    watchdog.remove(Actor.of(ctx));
                    ctx.status(204);
                })
                .answers(204);
    }
}
