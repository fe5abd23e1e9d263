package io.resticfleet.agent.thread;

/**
 * The source of the agent's threads and of the signals they wait for. Its owner decides on their order: the system, or
 * a simulation that runs one thread at a time.
 */
public interface Threads {

    /** The system's threads. */
    Threads OF_SYSTEM = new SystemThreads();

    /** Starts a daemon thread. */
    Thread start(String name, Runnable work);

    /** A new signal, not raised. */
    Signal signal();
}
