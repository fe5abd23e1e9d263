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
 * The restic of one machine, as far as the agent sees it: it takes its time, writes to files, and ends well or not. What
 * it really did is in the {@link SimRepository}.
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
    private final RandomGenerator chance;
    private final Map<String, Run> running = new HashMap<>();

    SimRestic(
            Timeline timeline,
            MemoryDisk disk,
            BooleanSupplier asleep,
            SimRepository repository,
            FaultPlan faultPlan,
            RandomGenerator chance) {
        this.timeline = timeline;
        this.disk = disk;
        this.asleep = asleep;
        this.repository = repository;
        this.faultPlan = faultPlan;
        this.chance = chance;
    }

    @Override
    public DetachedRun start(Path directory, List<String> command, Map<String, String> environment) throws IOException {
        write(directory.resolve("stdout"), "");
        write(directory.resolve("process"), "here\n");
        var run = new Run(directory, command);
        running.put(directory.toString(), run);
        run.begin();
        return run;
    }

    @Override
    public DetachedRun adopt(Path directory) {
        return running.getOrDefault(directory.toString(), new Run(directory, List.of()));
    }

    /** The machine is down: every program is gone. */
    void vanish() {
        running.values().forEach(run -> run.alive = false);
        running.clear();
    }

    /** The agent is gone, and with it who would have been told of a program's end. */
    void orphan() {
        running.values().forEach(run -> run.listener = () -> {});
    }

    private void write(Path file, String text) throws IOException {
        disk.byAnother(() -> Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    /** How a run ends. */
    private record End(int exit, String stdout, String stderr) {}

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

        private void begin() {
            alive = true;
            if (backsUp()) {
                repository.began(jobId(), timeline.instant());
            }
            var takes = backsUp() || prunes() ? faultPlan.workTakes() : Duration.ofSeconds(1 + chance.nextInt(5));
            timeline.after(takes, this::endOnceAwake);
        }

        private boolean backsUp() {
            return command.contains("backup");
        }

        private boolean prunes() {
            return command.contains("prune");
        }

        private void endOnceAwake() {
            if (alive && asleep.getAsBoolean()) {
                timeline.after(Duration.ofMinutes(1), this::endOnceAwake);
            } else if (alive) {
                end(backsUp() || prunes() ? worked() : answered());
            }
        }

        private void end(End end) {
            if (!alive) {
                return;
            }
            alive = false;
            exit = Optional.of(end.exit());
            running.remove(directory.toString());
            try {
                write(directory.resolve("stdout"), end.stdout());
                write(directory.resolve("stderr"), end.stderr());
                write(directory.resolve("exit"), end.exit() + "\n");
            } catch (IOException e) {
                // the disk is full, or the directory is gone; only its parent knows then
            }
            listener.run();
        }

        private End worked() {
            var failure = faultPlan.workFails();
            if (failure.equals(Optional.of("locked"))) {
                return new End(1, "", LOCKED + "\n");
            }
            if (failure.isPresent()) {
                return new End(1, "", "Fatal: " + failure.get() + "\n");
            }
            return backsUp() ? backedUp() : new End(0, "", "");
        }

        private End backedUp() {
            var tag = command.stream()
                    .filter(word -> word.startsWith("--tag=schedule:"))
                    .findFirst()
                    .orElseThrow()
                    .substring("--tag=".length());
            var id = repository.add(jobId(), tag, timeline.instant());
            return new End(
                    0,
                    "{\"message_type\":\"summary\",\"files_new\":1,\"total_files_processed\":1,\"snapshot_id\":\"" + id
                            + "\"}\n",
                    "");
        }

        private End answered() {
            if (!command.contains("snapshots")) {
                return new End(0, "", "");
            }
            var list = repository.newest().stream()
                    .map(made -> "{\"id\":\"" + made.id() + "\",\"short_id\":\""
                            + made.id().substring(0, 8)
                            + "\",\"time\":\"" + made.at()
                            + "\",\"hostname\":\"here\",\"username\":\"root\",\"paths\":[\"/etc\"],"
                            + "\"tags\":[\"" + made.tag() + "\"]}")
                    .collect(Collectors.joining(",", "[", "]\n"));
            return new End(0, list, "");
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
                        Duration.ofSeconds(1), () -> end(new End(130, "", "signal interrupt received, cleaning up\n")));
            }
            return alive;
        }

        @Override
        public void awaitEnd(Duration atMost) {
            throw new UncheckedIOException(new IOException("nobody waits like that here"));
        }
    }
}
