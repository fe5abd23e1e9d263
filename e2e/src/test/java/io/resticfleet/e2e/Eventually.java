package io.resticfleet.e2e;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a fact, never for a time. */
final class Eventually {

    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private Eventually() {}

    /** What may fail in any way until it holds. */
    @FunctionalInterface
    interface Fact {
        void check() throws Exception;
    }

    /** Returns once the fact holds. */
    static void eventually(Fact fact) throws Exception {
        within(DEADLINE, fact);
    }

    /** Returns once the fact holds; for what is known to take long. */
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
