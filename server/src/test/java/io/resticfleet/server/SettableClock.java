package io.resticfleet.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The clocks of a {@link TestServer}: a wall clock that stands still, and a monotonic clock that can skip ahead. */
public final class SettableClock implements InstantSource {

    private volatile Instant now;
    private volatile Instant machineStarted;
    private volatile Duration skipped = Duration.ZERO;

    public SettableClock(Instant start) {
        now = start;
        machineStarted = start.minus(Duration.ofDays(1));
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

    /** Changes the wall clock, as if somebody had set it. */
    public void jump(Duration by) {
        now = now.plus(by);
        machineStarted = machineStarted.plus(by);
    }

    Duration uptime() {
        return Duration.between(machineStarted, now);
    }

    /** Adds to the monotonic clock only, as if so much more time had passed. */
    public void skip(Duration time) {
        skipped = skipped.plus(time);
    }

    long nanoTime() {
        return System.nanoTime() + skipped.toNanos();
    }
}
