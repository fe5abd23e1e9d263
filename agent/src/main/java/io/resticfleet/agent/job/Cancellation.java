package io.resticfleet.agent.job;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The word that a running job shall end, or be left alone because the agent ends. Safe for use by many threads. */
final class Cancellation {

    private final CountDownLatch said = new CountDownLatch(1);
    private final CountDownLatch leaving = new CountDownLatch(1);
    private volatile boolean cancelled;

    /** Somebody asked for the job to be stopped. */
    void cancel() {
        cancelled = true;
        said.countDown();
    }

    /** The agent ends; what runs goes on without it. */
    void leave() {
        leaving.countDown();
        said.countDown();
    }

    boolean cancelled() {
        return cancelled;
    }

    /**
     * Waits, but not longer than until something new is said.
     *
     * @throws AgentLeaves if the agent ends
     */
    void await(Duration atMost) throws InterruptedException {
        check();
        (cancelled ? leaving : said).await(atMost.toNanos(), TimeUnit.NANOSECONDS);
        check();
    }

    /** @throws AgentLeaves if the agent ends */
    void check() {
        if (leaving.getCount() == 0) {
            throw new AgentLeaves();
        }
    }

    /** Ends the agent's part in a job without ending the job: it is in the journal, and taken up at the next start. */
    static final class AgentLeaves extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
