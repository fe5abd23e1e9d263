package io.resticfleet.protocol;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A time in which no schedule of a host runs, as somebody wants it so. Its due times are missed.
 *
 * @param at when it began
 * @param by user name
 * @param until when it ends by itself; absent: when somebody ends it
 */
public record Pause(Instant at, String by, Optional<Instant> until, Optional<String> reason) {

    /** Whether it has not ended by itself. */
    public boolean isActive(Instant now) {
        return until.filter(end -> !now.isBefore(end)).isEmpty();
    }

    /** Whether a due time is in it. */
    public boolean contains(Instant dueAt) {
        return !dueAt.isBefore(at) && isActive(dueAt);
    }

    /** Who paused the host, since when, and why, such as {@code paused by anna since 2026-03-01T12:00:00Z: new disks}. */
    public String words() {
        return "paused by " + by + " since " + at.truncatedTo(ChronoUnit.SECONDS)
                + reason.map(why -> ": " + why).orElse("");
    }
}
