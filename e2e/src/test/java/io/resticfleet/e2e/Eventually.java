package io.resticfleet.e2e;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, never for a fixed time. */
final class Eventually {

    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private Eventually() {}

    /** A condition; any failure means that it does not hold yet. */
    @FunctionalInterface
    interface Fact {
        void check() throws Exception;
    }

    /** Returns once the condition holds; fails after 90 s. */
    static void eventually(Fact fact) throws Exception {
        within(DEADLINE, fact);
    }

    /** Returns once the condition holds; with a longer limit for slow ones. */
    static void within(Duration deadline, Fact fact) throws Exception {
        long until = System.nanoTime() + deadline.toNanos();
        while (true) {
            try {
                fact.check();
                return;
            } catch (AssertionError | Exception e) {
                if (System.nanoTime() - until > 0) {
                    throw e;
                }
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }
}
