package io.resticfleet.server.live;

import io.resticfleet.server.db.Change;
import io.resticfleet.server.db.Database;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Wakes the streams that a change concerns, so that they read again. Nothing is queued: a slow reader misses signals, but no
 * change. Safe for use by many threads.
 */
public final class ChangeSignal {

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stop = new CountDownLatch(1);

    /** The open watches, and this signal itself. */
    private final Phaser open = new Phaser(1);

    /** Signals every commit of this database. */
    public ChangeSignal(Database db) {
        db.onChange(this::signal);
    }

    /** Signals a change to state in memory, such as connections. */
    public void signal(Change change) {
        signal(Set.of(change));
    }

    private void signal(Collection<Change> changes) {
        watches.forEach(watch -> watch.offer(changes));
    }

    /** Begins to watch. To be called before the first read, so that no change in between is missed. */
    public Watch watch(Predicate<Change> wanted) {
        var watch = new Watch(wanted);
        watches.add(watch);
        open.register();
        return watch;
    }

    /**
     * Ends all current and future waits, as the server stops. Returns when the present watches are closed, so that their
     * streams have sent their last event, or after the timeout.
     */
    public void stop(Duration timeout) {
        stop.countDown();
        watches.forEach(Watch::wake);
        try {
            open.awaitAdvanceInterruptibly(open.arrive(), timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // a reader does not read; its connection is cut
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public boolean isStopped() {
        return stop.getCount() == 0;
    }

    /** One reader's wait for changes. Used by one thread. */
    public final class Watch implements AutoCloseable {

        private final Predicate<Change> wanted;
        private final Semaphore signals = new Semaphore(0);

        private Watch(Predicate<Change> wanted) {
            this.wanted = wanted;
        }

        private void offer(Collection<Change> changes) {
            if (changes.stream().anyMatch(wanted)) {
                wake();
            }
        }

        private void wake() {
            if (signals.availablePermits() == 0) {
                signals.release();
            }
        }

        /**
         * Waits for a change since the last call that returned true.
         *
         * @return whether there was one within the timeout
         */
        public boolean await(Duration timeout) throws InterruptedException {
            if (isStopped()) {
                return false;
            }
            boolean changed = signals.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS);
            signals.drainPermits();
            return changed && !isStopped();
        }

        /** Pauses without losing changes. Returns early when the server stops. */
        public void rest(long nanos) throws InterruptedException {
            stop.await(nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void close() {
            watches.remove(this);
            open.arriveAndDeregister();
        }
    }
}
