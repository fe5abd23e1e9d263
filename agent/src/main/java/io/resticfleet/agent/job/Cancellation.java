package io.resticfleet.agent.job;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.protocol.RunLimit;
import java.time.Duration;
import java.util.Optional;

/** The word that a running job shall end, or be left alone because the agent ends. Safe for use by many threads. */
final class Cancellation {

    private final Signal news;
    private volatile boolean cancelled;
    private volatile Optional<RunLimit> exceeded = Optional.empty();
    private volatile boolean agentStopping;

    /** @param news raised when there is something to look at */
    Cancellation(Signal news) {
        this.news = news;
    }

    /** Somebody asked for the job to be stopped. */
    void cancel() {
        cancelled = true;
        news.raise();
    }

    /** The job has taken longer than it may. */
    void tooLong(RunLimit limit) {
        exceeded = Optional.of(limit);
    }

    /** The agent ends; what runs goes on without it. */
    void agentStops() {
        agentStopping = true;
        news.raise();
    }

    /** Something may have ended that is waited for: whoever waits looks again. */
    void stir() {
        news.raise();
    }

    /** Whether the job shall end. */
    boolean cancelled() {
        return cancelled || exceeded.isPresent();
    }

    /** Why a cancelled job ends. */
    JobAborted reason() {
        return cancelled ? new JobAborted.Cancelled() : new JobAborted.TooLong(exceeded.orElseThrow());
    }

    /**
     * Waits, but not longer than until something new is said. May end early.
     *
     * @throws AgentStopping if the agent ends
     */
    void await(Duration atMost) throws InterruptedException {
        check();
        news.await(atMost);
        check();
    }

    /** @throws AgentStopping if the agent ends */
    void check() {
        if (agentStopping) {
            throw new AgentStopping();
        }
    }
}
