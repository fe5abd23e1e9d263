package io.resticfleet.agent.thread;

/**
 * Where the agent's threads come from, and what they wait on. Whoever owns both decides what happens when: the system, or
 * a simulation that lets one thread run at a time.
 */
public interface Threads {

    /** Those of the system. */
    Threads OF_SYSTEM = new SystemThreads();

    /** Starts a thread that does not keep the process alive. */
    Thread start(String name, Runnable work);

    /** A new signal, not raised. */
    Signal signal();
}
