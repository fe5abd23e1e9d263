package io.resticfleet.server.auth;

import java.time.Duration;

/** An attempt refused unchecked, after too many before it. */
final class TooManyAttempts extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long seconds;

    TooManyAttempts(Duration wait) {
        super("too many attempts; try again in " + seconds(wait) + " s", null, false, false);
        this.seconds = seconds(wait);
    }

    /** Time to wait; at least 1. */
    long seconds() {
        return seconds;
    }

    private static long seconds(Duration wait) {
        return Math.max(1, wait.plusMillis(999).toSeconds());
    }
}
