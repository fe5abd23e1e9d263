package io.resticfleet.server.live;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts changes to anything that pages show, without saying what changed: a listener looks again. A slow listener
 * misses signals, but no change. Safe for use by many threads.
 */
public final class ChangeSignal {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long count;
    private boolean stopped;

    /** Called after each commit, connection and progress report. */
    public void signal() {
        lock.lock();
        try {
            count++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Number of changes so far. Read it before looking, so that no change falls between. */
    public long count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Ends every wait, present and future: the server stops. */
    public void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
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
     * Waits for a change after the first {@code seen}.
     *
     * @return whether there was one within the time
     */
    public boolean await(long seen, Duration longest) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = longest.toNanos();
            while (count <= seen && left > 0 && !stopped) {
                left = changed.awaitNanos(left);
            }
            return count > seen;
        } finally {
            lock.unlock();
        }
    }
}
