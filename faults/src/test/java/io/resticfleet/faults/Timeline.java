package io.resticfleet.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Simulated time: runs events one after the other. Not safe for use by many threads. */
public final class Timeline {

    /** The true time at the start of every run. */
    public static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private record Event(long at, long order, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private long now;
    private long count;

    /** The true time. */
    public Instant instant() {
        return START.plusNanos(now);
    }

    /** Nanoseconds since the start; never decreases. */
    public long nanos() {
        return now;
    }

    public void after(Duration delay, Runnable action) {
        at(now + Math.max(0, delay.toNanos()), action);
    }

    /** @param at in {@link #nanos}; past times mean now */
    public void at(long at, Runnable action) {
        events.add(new Event(Math.max(at, now), count++, action));
    }

    /** Runs an action now and then periodically. */
    public void every(Duration period, Runnable action) {
        action.run();
        after(period, () -> every(period, action));
    }

    public void runUntil(Instant end) {
        long last = Duration.between(START, end).toNanos();
        while (!events.isEmpty() && events.peek().at() <= last) {
            var next = events.poll();
            now = next.at();
            next.action().run();
        }
        now = last;
    }
}
