package io.resticfleet.agent.thread;

import java.time.Duration;

/** Something that a thread waits for. Safe for use by many threads. */
public interface Signal {

    /** Wakes who waits, or else the next who would. */
    void raise();

    /** Waits until the signal is raised, but not longer than that; may end early. Then it is no longer raised. */
    void await(Duration atMost) throws InterruptedException;
}
