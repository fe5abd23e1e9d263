package io.resticfleet.faults;

import io.resticfleet.agent.restic.DetachedRun;
import io.resticfleet.agent.restic.Programs;
import io.resticfleet.faults.disk.MemoryDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * The restic of one machine as the agent sees it: it takes time, writes to files, and succeeds or fails. What it really
 * did is in the {@link SimRepository}.
 */
final class SimRestic implements Programs {

    private static final String LOCKED =
            "Fatal: unable to create lock in backend: repository is already locked by PID 4711"
                    + " on nas by root (UID 0, GID 0)\nlock was created at 2026-03-01 00:00:00 (1m0s ago)\nstorage ID c0ffee00";

    private final Timeline timeline;
    private final MemoryDisk disk;
    private final BooleanSupplier asleep;
    private final SimRepository repository;
    private final FaultPlan faultPlan;
    private final RandomGenerator random;
    private final Map<String, Run> running = new HashMap<>();

    SimRestic(
            Timeline timeline,
            MemoryDisk disk,
            BooleanSupplier asleep,
            SimRepository repository,
            FaultPlan faultPlan,
            RandomGenerator random) {
        this.timeline = timeline;
        this.disk = disk;
        this.asleep = asleep;
        this.repository = repository;
        this.faultPlan = faultPlan;
        this.random = random;
    }

    @Override
    public DetachedRun start(Path directory, List<String> command, Map<String, String> environment) throws IOException {
        write(directory.resolve("stdout"), "");
        write(directory.resolve("process"), "here\n");
        var run = new Run(directory, command);
        running.put(directory.toString(), run);
        run.start();
        return run;
    }

    @Override
    public DetachedRun adopt(Path directory) {
        return running.getOrDefault(directory.toString(), new Run(directory, List.of()));
    }

    /** Kills all programs, as the machine is down. */
    void killAll() {
        running.values().forEach(run -> run.alive = false);
        running.clear();
    }

    /** Drops the listeners, as the agent has ended. */
    void dropListeners() {
        running.values().forEach(run -> run.listener = () -> {});
    }

    private void write(Path file, String text) throws IOException {
        disk.unobserved(() -> Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    /** Exit code and output of a run. */
    private record Result(int exit, String stdout, String stderr) {}

    /** One call of restic. */
    private final class Run extends DetachedRun {
        private final Path directory;
        private final List<String> command;
        private Runnable listener = () -> {};
        private boolean alive;
        private Optional<Integer> exit = Optional.empty();

        Run(Path directory, List<String> command) {
            super(directory, Optional.empty());
            this.directory = directory;
            this.command = command;
        }

        private void start() {
            alive = true;
            if (isBackup()) {
                repository.started(jobId(), timeline.instant());
            }
            var duration =
                    isBackup() || isPrune() ? faultPlan.workDuration() : Duration.ofSeconds(1 + random.nextInt(5));
            timeline.after(duration, this::endWhenAwake);
        }

        private boolean isBackup() {
            return command.contains("backup");
        }

        private boolean isPrune() {
            return command.contains("prune");
        }

        private void endWhenAwake() {
            if (alive && asleep.getAsBoolean()) {
                timeline.after(Duration.ofMinutes(1), this::endWhenAwake);
            } else if (alive) {
                end(isBackup() || isPrune() ? workResult() : queryResult());
            }
        }

        private void end(Result result) {
            if (!alive) {
                return;
            }
            alive = false;
            exit = Optional.of(result.exit());
            running.remove(directory.toString());
            try {
                write(directory.resolve("stdout"), result.stdout());
                write(directory.resolve("stderr"), result.stderr());
                write(directory.resolve("exit"), result.exit() + "\n");
            } catch (IOException e) {
                // full disk or missing directory: only the parent process gets the exit code
            }
            listener.run();
        }

        private Result workResult() {
            var failure = faultPlan.workFailure();
            if (failure.equals(Optional.of("locked"))) {
                return new Result(1, "", LOCKED + "\n");
            }
            if (failure.isPresent()) {
                return new Result(1, "", "Fatal: " + failure.get() + "\n");
            }
            return isBackup() ? backupResult() : new Result(0, "", "");
        }

        private Result backupResult() {
            var tag = command.stream()
                    .filter(word -> word.startsWith("--tag=schedule:"))
                    .findFirst()
                    .orElseThrow()
                    .substring("--tag=".length());
            var id = repository.add(jobId(), tag, timeline.instant());
            return new Result(
                    0,
                    "{\"message_type\":\"summary\",\"files_new\":1,\"total_files_processed\":1,\"snapshot_id\":\"" + id
                            + "\"}\n",
                    "");
        }

        private Result queryResult() {
            if (!command.contains("snapshots")) {
                return new Result(0, "", "");
            }
            var list = repository.newest().stream()
                    .map(snapshot -> "{\"id\":\"" + snapshot.id() + "\",\"short_id\":\""
                            + snapshot.id().substring(0, 8)
                            + "\",\"time\":\"" + snapshot.at()
                            + "\",\"hostname\":\"here\",\"username\":\"root\",\"paths\":[\"/etc\"],"
                            + "\"tags\":[\"" + snapshot.tag() + "\"]}")
                    .collect(Collectors.joining(",", "[", "]\n"));
            return new Result(0, list, "");
        }

        /** The directory is {@code …/jobs/ID/steps/backup}. */
        private String jobId() {
            return directory.getParent().getParent().getFileName().toString();
        }

        @Override
        public boolean running() {
            return alive && !Files.exists(directory.resolve("exit"));
        }

        @Override
        public Optional<Integer> exitCode() throws IOException {
            var written = super.exitCode();
            return written.isPresent() ? written : exit;
        }

        @Override
        public void onEnd(Runnable newListener) {
            listener = newListener;
        }

        @Override
        public boolean signal(String signal) {
            if (alive) {
                timeline.after(
                        Duration.ofSeconds(1),
                        () -> end(new Result(130, "", "signal interrupt received, cleaning up\n")));
            }
            return alive;
        }

        @Override
        public void awaitEnd(Duration atMost) {
            throw new UncheckedIOException(new IOException("not supported in a simulation"));
        }
    }
}
