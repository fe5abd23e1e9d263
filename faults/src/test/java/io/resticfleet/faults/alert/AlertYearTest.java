package io.resticfleet.faults.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.faults.Simulation;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * People are told of everything that is wrong, and of nothing else, whenever the server is killed. {@code -Dfaults.form} is
 * short (10 hosts for 12 days) or long (100 hosts for a year), {@code -Dfaults.seed} the seed.
 */
@Tag("faults")
class AlertYearTest {

    /** Held strongly: the logging framework forgets the level of a logger that is collected. */
    private static final Logger ALL = Logger.getLogger("");

    @Test
    void everything_wrong_is_told_once_and_nothing_else() throws IOException {
        boolean isLong = System.getProperty("faults.form", "short").equals("long");
        long seed = Long.getLong("faults.seed", new SplittableRandom().nextLong(1_000_000_000));
        int hosts = Integer.getInteger("faults.hosts", isLong ? 100 : 10);
        int days = Integer.getInteger("faults.days", isLong ? 365 : 12);
        int kills = Integer.getInteger("faults.kills", isLong ? 260 : 10);
        var before = ALL.getLevel();
        ALL.setLevel(Level.OFF);
        var directory = Simulation.newDirectory();
        try {
            long startedAt = System.nanoTime();
            var result = new AlertYear(seed, hosts, days, kills, directory).run();
            System.out.printf(
                    "alerts: seed %d, %d days in %d s: %s%n",
                    seed, days, (System.nanoTime() - startedAt) / 1_000_000_000, result.figures());
            assertThat(result.failures()).as("seed " + seed).isEmpty();
        } finally {
            Simulation.delete(directory);
            ALL.setLevel(before);
        }
    }
}
