package io.resticfleet.server;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for something that another thread or process does. */
public final class Eventually {

    private Eventually() {}

    /** Returns when the assertion holds; throws it after 90 seconds. */
    public static void eventually(Callable<?> assertion) throws Exception {
        within(90, assertion);
    }

    /** The same with another limit. */
    public static void within(long seconds, Callable<?> assertion) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            try {
                assertion.call();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
    }
}
