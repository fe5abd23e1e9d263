package io.resticfleet.faults;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The threads of one process, in virtual time. */
final class SimProcess implements Threads {

    private final Timeline timeline;
    private final Duration drowsiness;
    private final Runnable died;
    private int effectsLeft = -1;
    private boolean wordsCount;
    private boolean dying;
    private final List<SimThread> simThreads = new ArrayList<>();
    private final List<Runnable> postponed = new ArrayList<>();
    private boolean suspended;
    private boolean killed;

    /**
     * @param drowsiness how long a thread sleeps at least that nobody wakes
     * @param died called soon after it has died of itself
     */
    SimProcess(Timeline timeline, Duration drowsiness, Runnable died) {
        this.timeline = timeline;
        this.drowsiness = drowsiness;
        this.died = died;
    }

    @Override
    public Thread start(String name, Runnable work) {
        var simThread = new SimThread(name, work);
        simThreads.add(simThread);
        after(Duration.ZERO, simThread::resume);
        return simThread.thread();
    }

    @Override
    public Signal signal() {
        return new Bell();
    }

    /** Does something of this process's later, unless it is dead then; when it is awake again, if it sleeps. */
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

    /** Lets the process die before its n-th effect from now. */
    void dieBefore(int effects) {
        effectsLeft = effects;
        wordsCount = true;
    }

    /** Lets it die before its n-th change of the disk from now, whatever it says meanwhile. */
    void dieBeforeWriting(int changes) {
        effectsLeft = changes;
        wordsCount = false;
    }

    /** Called before it says something to another; a process that is dead does nothing more. */
    void word() {
        happens(wordsCount ? 1 : 0);
    }

    /** Called before it changes something on its disk. */
    void change() {
        happens(1);
    }

    private void happens(int effects) {
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
                .orElseThrow(() -> new IllegalStateException("only the process's own threads wait"));
    }

    /** A signal in virtual time. */
    private final class Bell implements Signal {

        /** Who waits, and for which time. */
        private record Waiting(SimThread simThread, Object turn) {}

        private Optional<Waiting> waiting = Optional.empty();
        private boolean raised;

        @Override
        public void raise() {
            raised = true;
            waiting.ifPresent(who -> after(Duration.ZERO, () -> wake(who)));
        }

        @Override
        public void await(Duration atMost) {
            if (!raised) {
                var who = new Waiting(current(), new Object());
                waiting = Optional.of(who);
                after(atMost.compareTo(drowsiness) > 0 ? atMost : drowsiness, () -> wake(who));
                who.simThread().pause();
            }
            raised = false;
        }

        private void wake(Waiting who) {
            if (waiting.filter(now -> now == who).isPresent()) {
                waiting = Optional.empty();
                who.simThread().resume();
            }
        }
    }
}
