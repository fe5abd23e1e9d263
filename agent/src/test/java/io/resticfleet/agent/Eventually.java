package io.resticfleet.agent;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for a condition, never for a fixed time. */
public final class Eventually {

    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private Eventually() {}

    /** Returns once the assertion holds; fails after 90 s. */
    public static void eventually(Runnable assertion) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            try {
                assertion.run();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() - until > 0) {
                    throw e;
                }
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
    }

    /** Returns the value once it is present; fails after 90 s. */
    public static <T> T present(Supplier<Optional<T>> value) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        for (var found = value.get(); ; found = value.get()) {
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("no value within " + DEADLINE.toSeconds() + " s");
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
