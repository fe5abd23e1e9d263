package io.resticfleet.server.job;

import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.ToServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who is watching a job now, and what happens to it. In memory only: whoever comes later reads the database first.
 *
 * <p>A watcher that does not keep up loses events, and is told how many; nobody waits for it. Safe for use by many
 * threads.
 */
public final class JobEvents {

    private static final int MOST_WAITING = 512;
    private static final int MOST_WATCHERS = 100;

    /** Something that happened to a job. */
    sealed interface Event {}

    record Logged(LogLine line) implements Event {}

    record Progressed(ToServer.JobProgress progress) implements Event {}

    /** The job's row has changed. */
    record Changed() implements Event {}

    private final Map<String, List<Watch>> watches = new ConcurrentHashMap<>();
    private final Map<String, ToServer.JobProgress> progress = new ConcurrentHashMap<>();
    private final AtomicInteger watchers = new AtomicInteger();
    private volatile Runnable afterProgress = () -> {};

    /** @param listener called when a job has told how far it is; must be quick, and not throw */
    public void afterProgress(Runnable listener) {
        afterProgress = listener;
    }

    /** One watcher's queue. Read by one thread. */
    final class Watch implements AutoCloseable {

        private final String jobId;
        private final BlockingQueue<Event> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
        private final AtomicLong lost = new AtomicLong();

        private Watch(String jobId) {
            this.jobId = jobId;
        }

        /** The next event, waiting for it. */
        Optional<Event> next(long timeout, TimeUnit unit) throws InterruptedException {
            return Optional.ofNullable(waiting.poll(timeout, unit));
        }

        /** How many events were dropped since this was last asked. */
        long lost() {
            return lost.getAndSet(0);
        }

        private void offer(Event event) {
            if (!waiting.offer(event)) {
                lost.incrementAndGet();
            }
        }

        @Override
        public void close() {
            watchers.decrementAndGet();
            watches.computeIfPresent(jobId, (id, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }

    /** Starts watching a job; empty if too many watch already. */
    Optional<Watch> watch(String jobId) {
        if (watchers.incrementAndGet() > MOST_WATCHERS) {
            watchers.decrementAndGet();
            return Optional.empty();
        }
        var watch = new Watch(jobId);
        watches.compute(jobId, (id, all) -> {
            var list = all == null ? new CopyOnWriteArrayList<Watch>() : all;
            list.add(watch);
            return list;
        });
        return Optional.of(watch);
    }

    void logged(String jobId, LogLine line) {
        publish(jobId, new Logged(line));
    }

    void progressed(ToServer.JobProgress newest) {
        progress.put(newest.jobId(), newest);
        publish(newest.jobId(), new Progressed(newest));
        afterProgress.run();
    }

    void changed(String jobId) {
        publish(jobId, new Changed());
    }

    /** The job has ended: nothing more will be said of how far it is. */
    void ended(String jobId) {
        progress.remove(jobId);
        changed(jobId);
    }

    /** How far a running job was when it last said so. */
    Optional<ToServer.JobProgress> progress(String jobId) {
        return Optional.ofNullable(progress.get(jobId));
    }

    private void publish(String jobId, Event event) {
        watches.getOrDefault(jobId, List.of()).forEach(watch -> watch.offer(event));
    }
}
