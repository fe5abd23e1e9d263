package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.DetachedRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The programs of a job, one after the other, each in a directory of its own under the job's.
 *
 * <p>If a step was begun by an agent that has ended since, it is not begun again: it is taken over, or its end is read. A
 * mark says that it was begun, on the agent's own disk before the program starts; where a power cut has left no more than
 * the mark, how far the program came cannot be known.
 *
 * <p>Not safe for use by more than one thread.
 */
final class Steps {

    private static final System.Logger log = System.getLogger(Steps.class.getName());
    private static final String STEPS = "steps";
    private static final String BEGUN = "begun";
    private static final long OUTPUT_BYTES = 16L * 1024 * 1024;
    private static final int KILLED = 137;
    private static final Duration POLL = Duration.ofMillis(200);

    /** What a cancelled job means for a step. */
    enum OnCancel {
        STOP,
        GO_ON
    }

    /**
     * A program to run.
     *
     * @param lines called with each line as it is printed
     * @param longest it may take before it is stopped
     */
    record Step(
            String name,
            List<String> command,
            Map<String, String> environment,
            BiConsumer<DetachedRun.Output, String> lines,
            Duration longest,
            OnCancel onCancel) {}

    /** @param stopped it took too long and was ended */
    record Result(int exitCode, String stderr, Path stdout, boolean stopped) {}

    /** Of the directory that holds theirs, in the state directory. */
    private final String name;

    private final JobContext context;
    private final Cancellation cancellation;
    private final Runnable beat;
    private final Map<String, Integer> counts = new HashMap<>();
    private final StaleLockMarker staleLock;

    /** @param beat called several times a second while something runs */
    Steps(Path directory, JobContext context, Cancellation cancellation, Runnable beat) {
        this.name = context.state().root().relativize(directory).resolve(STEPS).toString();
        this.context = context;
        this.cancellation = cancellation;
        this.beat = beat;
        this.staleLock = new StaleLockMarker(context.state());
    }

    /** Runs a program to its end. */
    Result run(Step step) throws IOException, InterruptedException, JobAborted {
        var run = begin(step);
        run.onEnd(cancellation::stir); // else each step would take up to a poll longer than its program
        boolean stopping = false;
        boolean late = false;
        long began = context.nanos().getAsLong();
        long asked = 0;
        while (run.running()) {
            run.read(step.lines());
            beat.run();
            long now = context.nanos().getAsLong();
            late = late || now - began > step.longest().toNanos();
            if (!stopping && (late || cancelled(step))) {
                stopping = run.signal("INT");
                asked = now;
            } else if (stopping && now - asked > context.limits().beforeKill().toNanos()) {
                staleLock.set();
                run.signal("KILL");
            }
            cancellation.await(POLL);
        }
        run.finish(step.lines());
        beat.run();
        return result(step, run, late);
    }

    /** Removes what the programs printed, which may be much; to be called when the job's end is on disk. */
    void forget() {
        try {
            context.state().placesOf(name).forEach(context.state()::deleteTree);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "the output of a job that has ended stays for now: " + e.getMessage());
        }
    }

    /** Whether any program was begun, by this agent or one before. */
    boolean begun() {
        return context.state().placesOf(name).stream().anyMatch(Files::isDirectory);
    }

    private DetachedRun begin(Step step) throws IOException, JobAborted {
        int count = counts.merge(step.name(), 1, Integer::sum);
        var place = name + "/" + (count == 1 ? step.name() : step.name() + "-" + count);
        for (var held : context.state().placesOf(place)) {
            if (DetachedRun.startedIn(held)) {
                return context.programs().adopt(held);
            }
        }
        var mark = context.state().root().resolve(place).resolve(BEGUN);
        if (Files.exists(mark)) {
            return context.programs().adopt(unsure(place).orElse(mark.getParent()));
        }
        cancellation.check();
        if (cancelled(step)) {
            throw cancellation.reason();
        }
        context.state().placesOf(place).forEach(context.state()::deleteTree);
        context.state().directory(place);
        context.state().write(mark, new byte[0]);
        return context.programs()
                .start(context.state().roomyDirectory(place, OUTPUT_BYTES), step.command(), step.environment());
    }

    /** Where a program began after all, whose agent was killed while it started it; else it never does. */
    private Optional<Path> unsure(String place) {
        return context.state().placesOf(place).stream()
                .filter(Files::isDirectory)
                .filter(held -> !DetachedRun.preventStart(held))
                .findFirst();
    }

    private Result result(Step step, DetachedRun run, boolean late) throws IOException, JobAborted {
        if (cancelled(step)) {
            staleLock.set(); // asked to stop just after it took its lock, restic leaves it
            throw cancellation.reason();
        }
        var exitCode = run.exitCode();
        if (exitCode.isEmpty() && !late) {
            staleLock.set();
            throw new JobAborted.Interrupted();
        }
        if (leftItsLock(exitCode.orElse(KILLED))) {
            staleLock.set();
        }
        return new Result(exitCode.orElse(KILLED), run.errorText(), run.stdout(), late);
    }

    /** A crash of Go's, or a signal other than the one that restic clears up after. */
    private static boolean leftItsLock(int exitCode) {
        return exitCode == 2 || exitCode > 128 && exitCode != 130;
    }

    private boolean cancelled(Step step) {
        return step.onCancel() == OnCancel.STOP && cancellation.cancelled();
    }
}
