package io.resticfleet.agent.job;

import java.time.Duration;

/** The word that a running job shall end, or be left alone because the agent ends. Safe for use by many threads. */
final class Cancellation {

    private boolean cancelled;
    private boolean leaving;
    private boolean stirred;

    /** Somebody asked for the job to be stopped. */
    synchronized void cancel() {
        cancelled = true;
        notifyAll();
    }

    /** The agent ends; what runs goes on without it. */
    synchronized void leave() {
        leaving = true;
        notifyAll();
    }

    /** Something may have ended that is waited for: whoever waits looks again. */
    synchronized void stir() {
        stirred = true;
        notifyAll();
    }

    synchronized boolean cancelled() {
        return cancelled;
    }

    /**
     * Waits, but not longer than until something new is said. May end early.
     *
     * @throws AgentLeaves if the agent ends
     */
    synchronized void await(Duration atMost) throws InterruptedException {
        check();
        if (!stirred) {
            wait(Math.max(1, atMost.toMillis()));
        }
        stirred = false;
        check();
    }

    /** @throws AgentLeaves if the agent ends */
    synchronized void check() {
        if (leaving) {
            throw new AgentLeaves();
        }
    }

    /** Ends the agent's part in a job without ending the job: it is in the journal, and taken up at the next start. */
    static final class AgentLeaves extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
