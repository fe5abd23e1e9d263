package io.resticfleet.server.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** When sign-ins failed, or were refused as there were too many. In memory only. Safe for use by many threads. */
public final class FailedSignIns {

    /** So many within {@link #WINDOW} are no people who mistype. */
    public static final int MANY = 30;

    static final Duration WINDOW = Duration.ofMinutes(15);

    private final InstantSource clock;
    private final Deque<Instant> last = new ArrayDeque<>();
    private Optional<Instant> lastMany = Optional.empty();

    FailedSignIns(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void add() {
        var now = clock.instant();
        last.addLast(now);
        if (last.size() > MANY) {
            last.removeFirst();
        }
        boolean many = last.size() == MANY
                && Duration.between(last.getFirst(), now).abs().compareTo(WINDOW) <= 0;
        lastMany = many ? Optional.of(now) : lastMany;
    }

    /** When a sign-in last failed that was one of many; empty if none was since this server started. */
    public synchronized Optional<Instant> lastMany() {
        return lastMany;
    }
}
