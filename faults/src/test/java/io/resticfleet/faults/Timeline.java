package io.resticfleet.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time: one thing happens after the other, and between them nothing. Not safe for use by many threads. */
final class Timeline {

    /** Where every run begins, in true time. */
    static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private record Event(long at, long order, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private long now;
    private long count;

    /** True time. */
    Instant instant() {
        return START.plusNanos(now);
    }

    /** Nanoseconds since the start; rises steadily. */
    long nanos() {
        return now;
    }

    void after(Duration delay, Runnable action) {
        at(now + Math.max(0, delay.toNanos()), action);
    }

    /** @param at in {@link #nanos}; in the past is now */
    void at(long at, Runnable action) {
        events.add(new Event(Math.max(at, now), count++, action));
    }

    /** Does it at once and then again and again. */
    void every(Duration period, Runnable action) {
        action.run();
        after(period, () -> every(period, action));
    }

    void runUntil(Instant end) {
        long last = Duration.between(START, end).toNanos();
        while (!events.isEmpty() && events.peek().at() <= last) {
            var next = events.poll();
            now = next.at();
            next.action().run();
        }
        now = last;
    }
}
