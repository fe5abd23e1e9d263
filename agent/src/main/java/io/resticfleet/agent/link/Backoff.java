package io.resticfleet.agent.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Waits that double, with jitter so that a thousand agents do not come back in one second. Not safe for many threads. */
final class Backoff {

    private final Duration first;
    private final Duration most;
    private final RandomGenerator random;
    private Duration next;

    Backoff(Duration first, Duration most, RandomGenerator random) {
        this.first = first;
        this.most = most;
        this.random = random;
        this.next = first;
    }

    /** How long to wait now: between half and all of the step. */
    Duration next() {
        var step = next;
        next = step.multipliedBy(2).compareTo(most) > 0 ? most : step.multipliedBy(2);
        return step.dividedBy(2).plusNanos(random.nextLong(step.toNanos() / 2 + 1));
    }

    void reset() {
        next = first;
    }
}
