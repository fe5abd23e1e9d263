package io.resticfleet.server.link;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Limits warnings about the same subject to one a minute, so that no agent can fill the log. Safe for use by many threads.
 */
public final class RepeatedWarnings {

    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final int MAX_SUBJECTS = 10_000;

    private final LongSupplier nanoTime;
    private final Map<String, Recent> recent = new HashMap<>();

    /** @param count since the last warning */
    private record Recent(long warnedAt, long count) {}

    /** @param nanoTime monotonic clock, in nanoseconds */
    public RepeatedWarnings(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Counts an event about a subject.
     *
     * @return how many there were since the last warning, if it is time for one
     */
    public synchronized OptionalLong count(String subject) {
        long now = nanoTime.getAsLong();
        var before = recent.get(subject);
        if (before != null && now - before.warnedAt() < INTERVAL.toNanos()) {
            recent.put(subject, new Recent(before.warnedAt(), before.count() + 1));
            return OptionalLong.empty();
        }
        if (recent.size() >= MAX_SUBJECTS) {
            recent.clear();
        }
        recent.put(subject, new Recent(now, 0));
        return OptionalLong.of(before == null ? 1 : before.count() + 1);
    }
}
