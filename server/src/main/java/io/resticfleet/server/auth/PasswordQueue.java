package io.resticfleet.server.auth;

import io.resticfleet.server.web.ClientAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Limits the passwords that are checked or wait for it, each on a thread of its own: two of one address, and eight of all
 * addresses. Four places are kept for addresses from which somebody has signed in before, so that others cannot shut them out. Safe for use by many threads.
 */
final class PasswordQueue {

    private static final int PLACES = 8;
    private static final int KEPT_PLACES = 4;
    private static final int PER_SITE = 2;
    private static final int MAX_KNOWN = 1_000;
    private static final Duration WAIT = Duration.ofSeconds(2);

    private final Map<String, Integer> waiting = new HashMap<>();
    private final Map<String, Boolean> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_KNOWN;
        }
    };
    private int taken;

    /** @param known from where somebody has signed in before the start */
    PasswordQueue(List<ClientAddress> known) {
        known.forEach(this::succeeded);
    }

    /**
     * Checks a password.
     *
     * @throws TooManyAttempts if no place is free
     */
    <T> T run(ClientAddress address, Supplier<T> check) {
        var site = address.site();
        enter(site);
        try {
            return check.get();
        } finally {
            leave(site);
        }
    }

    /** Somebody has signed in from there. */
    final synchronized void succeeded(ClientAddress address) {
        known.put(address.site(), true);
    }

    private synchronized void enter(String site) {
        int places = known.get(site) == null ? PLACES : PLACES + KEPT_PLACES;
        if (taken >= places || waiting.getOrDefault(site, 0) >= PER_SITE) {
            throw new TooManyAttempts(WAIT);
        }
        taken++;
        waiting.merge(site, 1, Integer::sum);
    }

    private synchronized void leave(String site) {
        taken--;
        waiting.computeIfPresent(site, (key, count) -> count == 1 ? null : count - 1);
    }
}
