package io.resticfleet.faults.alert;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Passes tasks on to the simulation. */
final class LaterExecutor extends AbstractExecutorService {

    private final Consumer<Runnable> runner;

    LaterExecutor(Consumer<Runnable> runner) {
        this.runner = runner;
    }

    @Override
    public void execute(Runnable task) {
        runner.accept(task);
    }

    @Override
    public void shutdown() {
        // tasks of a server that has ended are not run
    }

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return true;
    }

    @Override
    public boolean isTerminated() {
        return true;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
