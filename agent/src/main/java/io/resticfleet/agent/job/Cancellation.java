package io.resticfleet.agent.job;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.protocol.PolicyDuration;
import java.time.Duration;
import java.util.Optional;

/**
 * Signals to a running job that it must stop, or that the agent is stopping without it. Safe for use by many threads.
 */
final class Cancellation {

    private final Signal changed;
    private volatile boolean cancelled;
    private volatile Optional<PolicyDuration> exceeded = Optional.empty();
    private volatile boolean agentStopping;

    /** @param changed raised when the job has something to check */
    Cancellation(Signal changed) {
        this.changed = changed;
    }

    /** Cancels the job, on request. */
    void cancel() {
        cancelled = true;
        changed.raise();
    }

    /** Stops the job, as it took longer than allowed. */
    void stopAfter(PolicyDuration limit) {
        exceeded = Optional.of(limit);
    }

    /** The agent stops; running programs continue without it. */
    void agentStops() {
        agentStopping = true;
        changed.raise();
    }

    /** Wakes waiting threads, as a program may have ended. */
    void wake() {
        changed.raise();
    }

    /** Whether the job must stop. */
    boolean cancelled() {
        return cancelled || exceeded.isPresent();
    }

    /** The reason for stopping the job. */
    JobAborted reason() {
        return cancelled ? new JobAborted.Cancelled() : new JobAborted.TooLong(exceeded.orElseThrow());
    }

    /**
     * Waits up to this time, or until something changes. May return early.
     *
     * @throws AgentStopping if the agent stops
     */
    void await(Duration atMost) throws InterruptedException {
        check();
        changed.await(atMost);
        check();
    }

    /** @throws AgentStopping if the agent stops */
    void check() {
        if (agentStopping) {
            throw new AgentStopping();
        }
    }
}
