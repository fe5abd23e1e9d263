package io.resticfleet.agent.thread;

import java.time.Duration;

/** Java's threads and monitors. */
final class SystemThreads implements Threads {

    @Override
    public Thread start(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public Signal signal() {
        return new Monitor();
    }

    private static final class Monitor implements Signal {
        private boolean raised;

        @Override
        public synchronized void raise() {
            raised = true;
            notifyAll();
        }

        @Override
        public synchronized void await(Duration atMost) throws InterruptedException {
            if (!raised) {
                wait(Math.max(1, atMost.toMillis()));
            }
            raised = false;
        }
    }
}
