package io.resticfleet.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The clocks of a {@link TestServer}: a wall clock that stands still, and a monotonic clock that can skip ahead. */
public final class SettableClock implements InstantSource {

    private volatile Instant now;
    private volatile Duration skipped = Duration.ZERO;

    SettableClock(Instant start) {
        now = start;
    }

    @Override
    public Instant instant() {
        return now;
    }

    public void set(Instant instant) {
        now = instant;
    }

    public void advance(Duration time) {
        now = now.plus(time);
    }

    /** Adds to the monotonic clock only, as if so much more time had passed. */
    public void skip(Duration time) {
        skipped = skipped.plus(time);
    }

    long nanoTime() {
        return System.nanoTime() + skipped.toNanos();
    }
}
