package io.resticfleet.server.web;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Beats whenever something may have changed that pages show. Says not what: whoever hears a beat looks anew. So nothing
 * can be forgotten that should have been told, and a slow listener misses beats but no change. Safe for use by many
 * threads.
 */
public final class Pulse {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition beaten = lock.newCondition();
    private long beats;
    private boolean stopped;

    public void beat() {
        lock.lock();
        try {
            beats++;
            beaten.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many beats there were; to be asked before looking, so that no change can fall between. */
    public long beats() {
        lock.lock();
        try {
            return beats;
        } finally {
            lock.unlock();
        }
    }

    /** Ends every wait, those to come too: the server stops. */
    public void stop() {
        lock.lock();
        try {
            stopped = true;
            beaten.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a beat after the first {@code seen}.
     *
     * @return whether there was one within the time
     */
    public boolean await(long seen, Duration longest) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = longest.toNanos();
            while (beats <= seen && left > 0 && !stopped) {
                left = beaten.awaitNanos(left);
            }
            return beats > seen;
        } finally {
            lock.unlock();
        }
    }
}
