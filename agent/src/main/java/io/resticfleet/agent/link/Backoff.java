package io.resticfleet.agent.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits of any length up to a step that doubles, so that a thousand agents do not come back in one second. Not safe for
 * many threads.
 */
final class Backoff {

    private final Duration most;
    private final RandomGenerator random;
    private Duration next;

    Backoff(Duration first, Duration most, RandomGenerator random) {
        this.most = most;
        this.random = random;
        this.next = first;
    }

    /** How long to wait now: up to the step. */
    Duration next() {
        var step = next;
        next = step.multipliedBy(2).compareTo(most) > 0 ? most : step.multipliedBy(2);
        return upTo(step);
    }

    /** How long to wait after something that happened to many at once; who comes too early stays as spread. */
    Duration restart(Duration spread) {
        next = spread;
        return upTo(spread);
    }

    /** Between half and all of {@code longest}; the steps stay as they are. */
    Duration about(Duration longest) {
        return longest.dividedBy(2).plus(upTo(longest.dividedBy(2)));
    }

    private Duration upTo(Duration longest) {
        return Duration.ofNanos(random.nextLong(longest.toNanos() + 1));
    }
}
