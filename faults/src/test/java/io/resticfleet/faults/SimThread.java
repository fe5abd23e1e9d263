package io.resticfleet.faults;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A thread that runs only while the one that resumed it waits, so that a simulation runs one thread at a time. */
final class SimThread {

    private final Thread thread;
    private volatile Optional<Thread> resumer = Optional.empty();
    private volatile boolean running;
    private volatile boolean ended;
    private volatile boolean killed;
    private volatile Optional<Throwable> failure = Optional.empty();

    SimThread(String name, Runnable work) {
        this.thread = new Thread(() -> run(work), name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((dying, error) -> failed(error));
    }

    Thread thread() {
        return thread;
    }

    /** Runs the thread until it waits or ends. */
    void resume() {
        if (ended) {
            return;
        }
        resumer = Optional.of(Thread.currentThread());
        running = true;
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        } else {
            LockSupport.unpark(thread);
        }
        while (running) {
            LockSupport.park(this);
        }
        failure.ifPresent(error -> {
            throw new IllegalStateException("a thread of the product ended with " + error, error);
        });
    }

    /** Yields until resumed. Only for its own thread. */
    void pause() {
        yieldToResumer();
        while (!running) {
            LockSupport.park(this);
        }
        if (killed) {
            throw new Killed();
        }
    }

    /** Ends the thread at its current wait. */
    void kill() {
        killed = true;
        resume();
        while (!ended) {
            resume(); // a finally block waited again
        }
    }

    private void run(Runnable work) {
        try {
            if (!killed) {
                work.run();
            }
        } catch (Killed e) {
            return; // expected
        } catch (RuntimeException | Error e) {
            failure = Optional.of(e);
        } finally {
            ended = true;
            yieldToResumer();
        }
    }

    private void failed(Throwable error) {
        if (!(error instanceof Killed)) {
            failure = Optional.of(error);
        }
    }

    private void yieldToResumer() {
        running = false;
        LockSupport.unpark(resumer.orElseThrow());
    }
}
