package io.resticfleet.agent.thread;

import java.time.Duration;

/** A flag that threads wait for, as a binary semaphore. Safe for use by many threads. */
public interface Signal {

    /** Wakes a waiting thread, or lets the next wait return at once. */
    void raise();

    /** Waits until the signal is raised, for a limited time, and resets it; may return early. */
    void await(Duration atMost) throws InterruptedException;
}
