package io.resticfleet.server.host;

import java.time.Instant;
import java.util.Optional;

/**
 * A time in which nothing is announced of a host, although everything runs.
 *
 * @param at when it began
 * @param by user name
 * @param until when it ends by itself; absent: when somebody ends it
 */
public record Silence(Instant at, String by, Optional<Instant> until, Optional<String> reason) {

    /** Whether it has not ended by itself. */
    public boolean isActive(Instant now) {
        return until.filter(end -> !now.isBefore(end)).isEmpty();
    }
}
