package io.resticfleet.faults;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The threads of one process, in simulated time. */
final class SimProcess implements Threads {

    private final Timeline timeline;
    private final Duration minimumWait;
    private final Runnable died;
    private int effectsLeft = -1;
    private boolean sendsCount;
    private boolean dying;
    private final List<SimThread> simThreads = new ArrayList<>();
    private final List<Runnable> postponed = new ArrayList<>();
    private boolean suspended;
    private boolean killed;

    /**
     * @param minimumWait shortest sleep of a thread that is not woken
     * @param died called shortly after the process has died at a planned effect
     */
    SimProcess(Timeline timeline, Duration minimumWait, Runnable died) {
        this.timeline = timeline;
        this.minimumWait = minimumWait;
        this.died = died;
    }

    @Override
    public Thread start(String name, Runnable work) {
        simThreads.removeIf(ended -> ended.thread().getState() == Thread.State.TERMINATED);
        var simThread = new SimThread(name, work);
        simThreads.add(simThread);
        after(Duration.ZERO, simThread::resume);
        return simThread.thread();
    }

    @Override
    public Signal signal() {
        return new SimSignal();
    }

    /** Runs an action of this process later: after waking if it is suspended, never if it was killed. */
    void after(Duration delay, Runnable action) {
        timeline.after(delay, () -> {
            if (suspended) {
                postponed.add(action);
            } else if (!killed) {
                action.run();
            }
        });
    }

    void suspend() {
        suspended = true;
    }

    void wake() {
        suspended = false;
        var waiting = List.copyOf(postponed);
        postponed.clear();
        waiting.forEach(action -> after(Duration.ZERO, action));
    }

    /** Makes the process die before its n-th effect from now. */
    void dieBefore(int effects) {
        effectsLeft = effects;
        sendsCount = true;
    }

    /** Makes the process die before its n-th write to the disk from now, not counting messages. */
    void dieBeforeWrite(int writes) {
        effectsLeft = writes;
        sendsCount = false;
    }

    /** Called before the process sends a message; ends it if it is dead. */
    void beforeSend() {
        effect(sendsCount ? 1 : 0);
    }

    /** Called before the process writes to its disk; ends it if it is dead. */
    void beforeWrite() {
        effect(1);
    }

    private void effect(int effects) {
        if (dying || killed) {
            throw new Killed();
        }
        if (effectsLeft > 0 && effects > 0 && --effectsLeft == 0) {
            dying = true;
            timeline.after(Duration.ZERO, died);
            throw new Killed();
        }
    }

    /** Ends all threads where they are. */
    void kill() {
        killed = true;
        simThreads.forEach(SimThread::kill);
    }

    private SimThread current() {
        return simThreads.stream()
                .filter(simThread -> simThread.thread() == Thread.currentThread())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("only threads of this process may wait"));
    }

    /** A signal in simulated time. */
    private final class SimSignal implements Signal {

        /** One wait of one thread. */
        private record Waiting(SimThread simThread, Object turn) {}

        private Optional<Waiting> waiting = Optional.empty();
        private boolean raised;

        @Override
        public void raise() {
            raised = true;
            waiting.ifPresent(waiter -> after(Duration.ZERO, () -> wake(waiter)));
        }

        @Override
        public void await(Duration atMost) {
            if (!raised) {
                var waiter = new Waiting(current(), new Object());
                waiting = Optional.of(waiter);
                after(atMost.compareTo(minimumWait) > 0 ? atMost : minimumWait, () -> wake(waiter));
                waiter.simThread().pause();
            }
            raised = false;
        }

        private void wake(Waiting waiter) {
            if (waiting.filter(current -> current == waiter).isPresent()) {
                waiting = Optional.empty();
                waiter.simThread().resume();
            }
        }
    }
}
