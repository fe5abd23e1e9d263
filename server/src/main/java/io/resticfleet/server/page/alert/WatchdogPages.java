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
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/** Forms of the watchdog, which the page of channels shows. */
public final class WatchdogPages {

    private static final BigDecimal SECONDS_OF_MINUTE = BigDecimal.valueOf(60);
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
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!text.matches("[0-9]{1,4}([.][0-9]{1,4})?")) {
            throw invalid("wrong_type", "the minutes must be a number but are '" + text + "'");
        }
        int seconds = new BigDecimal(text)
                .multiply(SECONDS_OF_MINUTE)
                .setScale(0, RoundingMode.HALF_UP)
                .intValueExact();
        if (seconds < Watchdog.MIN_EVERY_SECONDS || seconds > Watchdog.MAX_EVERY_SECONDS) {
            throw invalid(
                    "invalid_every_seconds",
                    "the minutes must be from " + minutes(Watchdog.MIN_EVERY_SECONDS) + " to "
                            + minutes(Watchdog.MAX_EVERY_SECONDS) + " but are " + text);
        }
        return Optional.of(seconds);
    }

    /** Such as {@code 5}, or {@code 1.5} for 90 seconds, which the form then keeps. */
    public static String minutes(int seconds) {
        return BigDecimal.valueOf(seconds)
                .divide(SECONDS_OF_MINUTE, 4, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static Problem invalid(String code, String detail) {
        return Problem.invalid(List.of(new Violation("every_minutes", code, detail)));
    }

    private void remove(Context ctx) {
        watchdog.remove(Actor.of(ctx));
        Redirects.saved(ctx, CHANNELS);
    }
}
