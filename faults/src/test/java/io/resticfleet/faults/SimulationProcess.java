package io.resticfleet.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs several seeds in a process of its own and reads their results. */
final class SimulationProcess {

    private static final String RUN = "run ";
    private static final String FAILURE = "failure ";

    /** Held strongly: the logging framework forgets the level of a logger that is collected. */
    private static final Logger ALL = Logger.getLogger("");

    private SimulationProcess() {}

    /** Arguments: the first seed, the step to the next, the number of seeds, the days of each storm. */
    public static void main(String[] arguments) throws IOException {
        ALL.setLevel(Level.OFF);
        long first = Long.parseLong(arguments[0]);
        long step = Long.parseLong(arguments[1]);
        for (long i = 0; i < Long.parseLong(arguments[2]); i++) {
            long seed = first + i * step;
            var storm = Duration.ofDays(Long.parseLong(arguments[3]));
            var result = new Simulation(seed, storm, Simulation.Verbosity.QUIET).run();
            result.failures().forEach(failure -> System.out.println(FAILURE + failure));
            System.out.println(RUN + seed + " " + result.fingerprint() + " " + result.snapshots() + " " + result.due());
        }
    }

    /** {@code count} seeds, each {@code step} higher than the one before. */
    record Seeds(long first, long step, long count) {}

    /** The result of one seed. */
    record Ended(long seed, Simulation.Result result) {}

    /** Runs all seeds; calls the listener as each ends, and returns after the last. */
    static void run(Seeds seeds, Duration storm, Consumer<Ended> listener) throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx600m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimulationProcess.class.getName(),
                        String.valueOf(seeds.first()),
                        String.valueOf(seeds.step()),
                        String.valueOf(seeds.count()),
                        String.valueOf(storm.toDays()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var lines = process.inputReader()) {
            read(lines, listener);
        } finally {
            process.destroy();
        }
        if (process.waitFor() != 0) {
            throw new IOException("the process for " + seeds + " ended with " + process.exitValue());
        }
    }

    private static void read(BufferedReader lines, Consumer<Ended> listener) throws IOException {
        var failures = new ArrayList<String>();
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(FAILURE)) {
                failures.add(line.substring(FAILURE.length()));
            } else if (line.startsWith(RUN)) {
                var words = line.substring(RUN.length()).split(" ");
                listener.accept(new Ended(
                        Long.parseLong(words[0]),
                        new Simulation.Result(
                                List.copyOf(failures),
                                words[1],
                                Integer.parseInt(words[2]),
                                Integer.parseInt(words[3]))));
                failures.clear();
            }
        }
    }
}
