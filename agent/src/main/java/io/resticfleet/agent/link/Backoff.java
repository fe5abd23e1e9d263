package io.resticfleet.agent.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Random pauses up to a limit that doubles, so that a thousand agents do not reconnect in the same second. Not safe for
 * use by more than one thread.
 */
final class Backoff {

    private final Duration maximum;
    private final RandomGenerator random;
    private Duration next;

    Backoff(Duration first, Duration maximum, RandomGenerator random) {
        this.maximum = maximum;
        this.random = random;
        this.next = first;
    }

    /** The next pause: random, up to the present limit. */
    Duration next() {
        var step = next;
        next = step.multipliedBy(2).compareTo(maximum) > 0 ? maximum : step.multipliedBy(2);
        return upTo(step);
    }

    /**
     * The pause after an event that affects all agents at once; random, up to {@code spread}, which is also the next
     * limit.
     */
    Duration restart(Duration spread) {
        next = spread;
        return upTo(spread);
    }

    /** A random pause between half of {@code longest} and all of it; does not change the limit. */
    Duration about(Duration longest) {
        return longest.dividedBy(2).plus(upTo(longest.dividedBy(2)));
    }

    private Duration upTo(Duration longest) {
        return Duration.ofNanos(random.nextLong(longest.toNanos() + 1));
    }
}
