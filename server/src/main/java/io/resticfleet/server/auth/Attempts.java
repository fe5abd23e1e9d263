package io.resticfleet.server.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits attempts per key within a sliding time window. Refused attempts do not count, so that waiting always helps.
 * Keeps the 10,000 most recently used keys. Safe for use by many threads.
 */
final class Attempts {

    private static final int MAX_KEYS = 10_000;

    private final int allowed;
    private final Duration window;
    private final Map<String, Deque<Instant>> attempts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Instant>> eldest) {
            return size() > MAX_KEYS;
        }
    };

    Attempts(int allowed, Duration window) {
        this.allowed = allowed;
        this.window = window;
    }

    /** Counts an attempt. Over the limit, returns how long to wait instead. */
    synchronized Optional<Duration> make(String key, Instant now) {
        var times = attempts.computeIfAbsent(key, unseen -> new ArrayDeque<>());
        // Future times, too: the clock was set back, and no one should wait for it to catch up.
        times.removeIf(time -> !time.plus(window).isAfter(now) || time.isAfter(now));
        if (times.size() >= allowed) {
            return Optional.of(Duration.between(now, times.getFirst().plus(window)));
        }
        times.addLast(now);
        return Optional.empty();
    }

    /** Removes the latest attempt. */
    synchronized void undo(String key) {
        var times = attempts.get(key);
        if (times != null) {
            times.pollLast();
        }
    }

    synchronized void forget(String key) {
        attempts.remove(key);
    }
}
