package io.resticfleet.agent.schedule;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Calls what wants to be called every second or so, on one thread of its own. */
public final class Ticker implements AutoCloseable {

    private static final System.Logger log = System.getLogger(Ticker.class.getName());

    private final ScheduledExecutorService thread;

    private Ticker(ScheduledExecutorService thread) {
        this.thread = thread;
    }

    public static Ticker start(Duration every, List<Runnable> tasks) {
        var thread = Executors.newSingleThreadScheduledExecutor(work -> {
            var made = new Thread(work, "ticker");
            made.setDaemon(true);
            return made;
        });
        thread.scheduleWithFixedDelay(() -> tasks.forEach(Ticker::attempt), 0, every.toMillis(), TimeUnit.MILLISECONDS);
        return new Ticker(thread);
    }

    /** An exception would end the ticking for good. */
    private static void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "a tick failed, the next comes", e);
        } catch (Error e) {
            var thread = Thread.currentThread(); // the executor would keep it to itself
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    @Override
    public void close() {
        thread.shutdown(); // no interrupt, which could tear a write
        try {
            thread.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
