package io.resticfleet.agent.schedule;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;

/** Calls tasks at a fixed interval on a thread of its own. */
public final class Ticker implements AutoCloseable {

    private static final System.Logger log = System.getLogger(Ticker.class.getName());

    private final Thread thread;
    private final Signal closing;
    private volatile boolean closed;

    private Ticker(Threads threads, Duration every, List<Runnable> tasks) {
        this.closing = threads.signal();
        this.thread = threads.start("ticker", () -> work(every, tasks));
    }

    public static Ticker start(Threads threads, Duration every, List<Runnable> tasks) {
        return new Ticker(threads, every, tasks);
    }

    private void work(Duration every, List<Runnable> tasks) {
        try {
            while (!closed) {
                tasks.forEach(Ticker::attempt);
                closing.await(every);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs a task; an exception must not end the ticker. */
    private static void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "a periodic task failed, it is tried again at the next tick", e);
        } catch (Error e) {
            var thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    @Override
    public void close() {
        closed = true;
        closing.raise(); // no interrupt, which could cut a write short
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
