package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.DetachedRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The programs of a job, one after another, each in its own directory under the job's.
 *
 * <p>A step that was started before the agent was restarted is not started again: it is taken over, or its result is
 * read. A mark is written to the agent's own disk before the program starts; if a power cut leaves nothing but the
 * mark, the program's progress is unknown.
 *
 * <p>Not safe for use by more than one thread.
 */
final class Steps {

    private static final System.Logger log = System.getLogger(Steps.class.getName());
    private static final String STEPS = "steps";
    private static final String STARTED_MARK = "begun";
    private static final long OUTPUT_BYTES = 16L * 1024 * 1024;
    private static final int KILLED = 137;
    private static final Duration POLL = Duration.ofMillis(200);

    /** What a step does when its job is cancelled. */
    enum OnCancel {
        STOP,
        GO_ON
    }

    /**
     * A program to run.
     *
     * @param lines called with each line as it is printed
     * @param limit time after which it is stopped
     * @param hopeless whether it is to be stopped, as it will not succeed
     */
    record Step(
            String name,
            List<String> command,
            Map<String, String> environment,
            BiConsumer<DetachedRun.Output, String> lines,
            Duration limit,
            OnCancel onCancel,
            BooleanSupplier hopeless) {

        /** One that is not stopped before its time. */
        Step(
                String name,
                List<String> command,
                Map<String, String> environment,
                BiConsumer<DetachedRun.Output, String> lines,
                Duration limit,
                OnCancel onCancel) {
            this(name, command, environment, lines, limit, onCancel, () -> false);
        }
    }

    /**
     * @param stopped whether it took too long and was stopped
     * @param startedAt by the clock; absent if that is not known any more
     */
    record Result(int exitCode, String stderr, Path stdout, boolean stopped, Optional<Instant> startedAt) {}

    /** Directory of the steps, relative to the state directory. */
    private final String name;

    private final JobContext context;
    private final Cancellation cancellation;
    private final Runnable beat;
    private final Map<String, Integer> counts = new HashMap<>();
    private final StaleLockMarker staleLock;

    /** Directories of the programs that the job has waited for. */
    private final Set<Path> ended = new HashSet<>();

    /** @param beat called several times a second while a program runs */
    Steps(Path directory, JobContext context, Cancellation cancellation, Runnable beat) {
        this.name = context.state().root().relativize(directory).resolve(STEPS).toString();
        this.context = context;
        this.cancellation = cancellation;
        this.beat = beat;
        this.staleLock = new StaleLockMarker(context.state());
    }

    /** Runs a program to its end. */
    Result run(Step step) throws IOException, InterruptedException, JobAborted {
        var place = placeOf(step);
        var run = startOrAdopt(step, place);
        run.onEnd(cancellation::wake); // without this, each step would take up to one poll longer than its program
        boolean stopping = false;
        boolean late = false;
        long startNanos = context.nanos().getAsLong() - ran(mark(place)).toNanos();
        long asked = 0;
        while (run.running()) {
            run.read(step.lines());
            beat.run();
            long now = context.nanos().getAsLong();
            late = late || now - startNanos > step.limit().toNanos();
            if (!stopping && (late || cancelled(step) || step.hopeless().getAsBoolean())) {
                stopping = run.signal("INT");
                asked = now;
            } else if (stopping && now - asked > context.limits().beforeKill().toNanos()) {
                staleLock.set(run.programPid());
                run.signal("KILL");
            }
            cancellation.await(POLL);
        }
        run.finish(step.lines());
        ended.add(run.stdout().getParent());
        beat.run();
        return result(step, run, mark(place), late);
    }

    /** Deletes the programs' output, which may be large. Call it when the job's end is on disk. */
    void forget() {
        try {
            context.state().placesOf(name).forEach(context.state()::deleteTree);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "cannot delete the output of an ended job: " + e.getMessage());
        }
    }

    /** Whether any program was started, by this run of the agent or an earlier one. */
    boolean started() {
        return context.state().placesOf(name).stream().anyMatch(Files::isDirectory);
    }

    /**
     * Stops a program that an earlier run of the agent started, and that the job has not taken over, as it ends for another
     * reason. Otherwise others would use the repository beside it, as the job has ended.
     *
     * @return whether there was one
     */
    boolean stopOthers() throws InterruptedException {
        boolean stopped = false;
        try {
            for (var place : context.state().placesOf(name)) {
                for (var directory : directories(place)) {
                    if (!ended.contains(directory) && mayHaveStarted(directory)) {
                        stopped |= stop(context.programs().adopt(directory));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of the agent's own disk: the job is resumed later
        }
        return stopped;
    }

    /** If not, it never will. */
    private static boolean mayHaveStarted(Path directory) {
        try {
            return DetachedRun.startedIn(directory) || !DetachedRun.preventStart(directory);
        } catch (UncheckedIOException e) {
            return true; // as on a full disk, on which its process is not known either
        }
    }

    private static List<Path> directories(Path place) throws IOException {
        try (var files = Files.exists(place) ? Files.list(place) : Stream.<Path>empty()) {
            return files.filter(Files::isDirectory).toList();
        }
    }

    /** Returns whether it was running. */
    private boolean stop(DetachedRun run) throws IOException, InterruptedException {
        long start = context.nanos().getAsLong();
        boolean stopping = false;
        while (run.running()) {
            if (!stopping) {
                staleLock.set(run.programPid()); // before the signal, as the agent may end just after it
                stopping = run.signal("INT");
            } else if (context.nanos().getAsLong() - start
                    > context.limits().beforeKill().toNanos()) {
                run.signal("KILL");
            }
            cancellation.await(POLL);
        }
        if (stopping || leftLock(run.exitCode().orElse(KILLED))) {
            staleLock.set(run.programPid()); // restic leaves its lock if stopped just after taking it
        }
        return stopping;
    }

    /** Whether the next program with this name is one that an earlier run of the agent started. */
    boolean takesOver(String step) {
        var place = place(step, counts.getOrDefault(step, 0) + 1);
        return Files.exists(mark(place))
                || context.state().placesOf(place).stream().anyMatch(DetachedRun::startedIn);
    }

    private String placeOf(Step step) {
        return place(step.name(), counts.merge(step.name(), 1, Integer::sum));
    }

    private String place(String step, int count) {
        return name + "/" + (count == 1 ? step : step + "-" + count);
    }

    private Path mark(String place) {
        return context.state().root().resolve(place).resolve(STARTED_MARK);
    }

    /** How long a program has run, also before the agent was restarted. */
    private Duration ran(Path mark) {
        return startedAt(mark).map(context::since).orElse(Duration.ZERO);
    }

    private static Optional<Instant> startedAt(Path mark) {
        try {
            return Optional.of(Instant.parse(Files.readString(mark)));
        } catch (IOException | DateTimeException e) {
            return Optional.empty(); // it cannot be read, or an older agent wrote it
        }
    }

    private DetachedRun startOrAdopt(Step step, String place) throws IOException, JobAborted {
        for (var directory : context.state().placesOf(place)) {
            if (DetachedRun.startedIn(directory)) {
                return context.programs().adopt(directory);
            }
        }
        var mark = mark(place);
        if (Files.exists(mark)) {
            return context.programs().adopt(startedAnyway(place).orElse(mark.getParent()));
        }
        cancellation.check();
        if (cancelled(step)) {
            throw cancellation.reason();
        }
        context.state().placesOf(place).forEach(context.state()::deleteTree);
        context.state().directory(place);
        context.state().write(mark, context.clock().instant().toString().getBytes(StandardCharsets.UTF_8));
        return context.programs()
                .start(context.state().roomyDirectory(place, OUTPUT_BYTES), step.command(), step.environment());
    }

    /**
     * Where a program runs whose start was interrupted by the agent's end; if it has not started yet, it is prevented
     * from starting.
     */
    private Optional<Path> startedAnyway(String place) {
        return context.state().placesOf(place).stream()
                .filter(Files::isDirectory)
                .filter(directory -> !DetachedRun.preventStart(directory))
                .findFirst();
    }

    private Result result(Step step, DetachedRun run, Path mark, boolean late) throws IOException, JobAborted {
        if (cancelled(step)) {
            staleLock.set(run.programPid()); // restic leaves its lock if stopped just after taking it
            throw cancellation.reason();
        }
        var exitCode = run.exitCode();
        if (exitCode.isEmpty() && !late) {
            staleLock.set(run.programPid());
            throw new JobAborted.Interrupted();
        }
        if (leftLock(exitCode.orElse(KILLED))) {
            staleLock.set(run.programPid());
        }
        return new Result(exitCode.orElse(KILLED), run.errorText(), run.stdout(), late, startedAt(mark));
    }

    /** Whether restic left its lock: after a Go panic, or a signal other than SIGINT, which it handles. */
    private static boolean leftLock(int exitCode) {
        return exitCode == 2 || exitCode > 128 && exitCode != 130;
    }

    private boolean cancelled(Step step) {
        return step.onCancel() == OnCancel.STOP && cancellation.cancelled();
    }
}
