package io.resticfleet.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Weeks of faults in seconds. {@code -Dfaults.form} is short, long or a percentage of the long form such as 20%;
 * {@code -Dfaults.seeds} sets the number of runs instead, {@code -Dfaults.seed} the first seed, and {@code
 * -Dfaults.talk=true} runs only that seed and prints all events.
 */
@Tag("faults")
class SimulationTest {

    private static final Duration STORM = Duration.ofDays(20);
    private static final int SHORT = 4;

    /** With {@link Simulation#NODES} machines each, a hundred years of agents. */
    private static final int LONG = 610;

    private final List<String> failures = new ArrayList<>();
    private int due;
    private int snapshots;
    private int runs;

    @Test
    void nothing_due_is_lost_or_doubled_whatever_breaks() throws IOException {
        boolean replay = Long.getLong("faults.seed") != null;
        long first = replay ? Long.getLong("faults.seed") : new SplittableRandom().nextLong(1_000_000_000);
        int wanted = Integer.getInteger("faults.seeds", replay ? 1 : runs(System.getProperty("faults.form", "short")));
        long startedAt = System.nanoTime();
        if (Boolean.getBoolean("faults.talk")) {
            ended(new SimulationProcess.Ended(first, new Simulation(first, STORM, Simulation.Verbosity.VERBOSE).run()));
        } else {
            runAll(first, wanted);
        }
        double minutes = (System.nanoTime() - startedAt) / 60e9;
        double years = runs * Simulation.NODES * STORM.toDays() / 365.0;
        System.out.printf(
                Locale.ROOT,
                "faults: %d runs from seed %d: %.1f years of agents (%.2f a minute), %d due times, %d snapshots,"
                        + " %d failures%n",
                runs,
                first,
                years,
                years / minutes,
                due,
                snapshots,
                failures.size());
        assertThat(failures).isEmpty();
    }

    /** One process per processor: each has its own random source and clock. */
    private void runAll(long first, int wanted) {
        int processes = Math.min(wanted, Runtime.getRuntime().availableProcessors());
        var pool = Executors.newFixedThreadPool(processes);
        try {
            var parts = LongStream.range(0, processes)
                    .mapToObj(i ->
                            new SimulationProcess.Seeds(first + i, processes, (wanted - i + processes - 1) / processes))
                    .map(seeds -> CompletableFuture.runAsync(() -> run(seeds), pool))
                    .toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(parts).join();
        } finally {
            pool.shutdownNow();
        }
    }

    private void run(SimulationProcess.Seeds seeds) {
        try {
            SimulationProcess.run(seeds, STORM, this::ended);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void ended(SimulationProcess.Ended run) {
        runs++;
        due += run.result().due();
        snapshots += run.result().snapshots();
        var found = run.result().failures();
        found.forEach(failure -> failures.add("seed " + run.seed() + ": " + failure));
        if (!found.isEmpty()) {
            System.out.println(
                    "faults: seed " + run.seed() + ", " + found.size() + " failures, the first: " + found.get(0)
                            + "\n  replay: mvn verify -pl faults -am -Dtests.wanted=faults -Dtests.unwanted= -Dtest=SimulationTest"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -Dfaults.talk=true -Dfaults.seed="
                            + run.seed());
        }
    }

    private static int runs(String form) {
        return switch (form) {
            case "short" -> SHORT;
            case "long" -> LONG;
            default -> Math.max(1, LONG * Integer.parseInt(form.replaceFirst("%$", "")) / 100);
        };
    }
}
