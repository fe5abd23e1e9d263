package io.resticfleet.server.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts attempts by key: so many are allowed in any stretch of time. What is refused does not count, so that patience
 * always helps. Remembers 10,000 keys and forgets the one longest unused. Safe for use by many threads.
 */
final class Attempts {

    private static final int MOST_KEYS = 10_000;

    private final int allowed;
    private final Duration stretch;
    private final Map<String, Deque<Instant>> made = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Instant>> eldest) {
            return size() > MOST_KEYS;
        }
    };

    Attempts(int allowed, Duration stretch) {
        this.allowed = allowed;
        this.stretch = stretch;
    }

    /** Counts one more, unless it is one too many: then how long to wait. */
    synchronized Optional<Duration> make(String key, Instant now) {
        var times = made.computeIfAbsent(key, unseen -> new ArrayDeque<>());
        // Also those of the future: the clock was set back, and nobody should wait for it to catch up.
        times.removeIf(time -> !time.plus(stretch).isAfter(now) || time.isAfter(now));
        if (times.size() >= allowed) {
            return Optional.of(Duration.between(now, times.getFirst().plus(stretch)));
        }
        times.addLast(now);
        return Optional.empty();
    }

    /** Takes back one, as if it had not been made. */
    synchronized void undo(String key) {
        var times = made.get(key);
        if (times != null) {
            times.pollLast();
        }
    }

    synchronized void forget(String key) {
        made.remove(key);
    }
}
