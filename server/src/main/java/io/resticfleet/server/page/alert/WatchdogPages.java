package io.resticfleet.server.page.alert;

import io.javalin.http.Context;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.watchdog.Watchdog;
import io.resticfleet.server.watchdog.WatchdogBody;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Optional;

/** Forms of the watchdog, which the page of channels shows. */
public final class WatchdogPages {

    private static final String CHANNELS = "/channels";

    private final Watchdog watchdog;

    public WatchdogPages(Watchdog watchdog) {
        this.watchdog = watchdog;
    }

    public void install(Routes routes) {
        routes.form("/watchdog", Access.USER, this::set);
        routes.form("/watchdog/delete", Access.USER, this::remove);
    }

    private void set(Context ctx) {
        var url = Requests.field(ctx, "ping_url").strip();
        watchdog.set(Actor.of(ctx), new WatchdogBody(Optional.of(url).filter(text -> !text.isEmpty()), seconds(ctx)));
        Redirects.saved(ctx, CHANNELS);
    }

    private static Optional<Integer> seconds(Context ctx) {
        var text = Requests.field(ctx, "every_minutes").strip();
        if (!text.matches("[0-9]{0,4}")) {
            throw Problem.invalid(List.of(new Violation(
                    "every_minutes", "wrong_type", "the minutes must be a whole number but are '" + text + "'")));
        }
        return Optional.of(text).filter(given -> !given.isEmpty()).map(given -> Integer.parseInt(given) * 60);
    }

    private void remove(Context ctx) {
        watchdog.remove(Actor.of(ctx));
        Redirects.saved(ctx, CHANNELS);
    }
}
