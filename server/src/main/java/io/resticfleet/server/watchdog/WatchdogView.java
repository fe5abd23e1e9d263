package io.resticfleet.server.watchdog;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is pinged, and how that goes.
 *
 * @param target scheme, host and port of the address; null if none is set
 * @param lastPingAt when the last ping was answered with success; null if none was
 * @param lastResult of the last ping; null if there was none
 * @param checks what has to be well for a ping to be sent
 */
public record WatchdogView(
        Optional<String> target,
        int everySeconds,
        Optional<Instant> lastPingAt,
        Optional<Result> lastResult,
        List<OwnCheck> checks) {

    /** @param detail such as {@code HTTP status 404} */
    public record Result(Instant at, boolean ok, String detail) {}
}
