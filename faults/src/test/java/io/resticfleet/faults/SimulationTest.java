package io.resticfleet.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("faults")
class SimulationTest {

    /** Kept, or the level that is set is forgotten. */
    private static final Logger ALL = Logger.getLogger("");

    @Test
    void nothing_due_is_lost_or_doubled_whatever_breaks() throws IOException {
        boolean talks = Boolean.getBoolean("faults.talk");
        ALL.setLevel(talks ? Level.INFO : Level.OFF);
        long first = Long.getLong("faults.seed", new SplittableRandom().nextLong(1_000_000_000));
        int seeds = Integer.getInteger("faults.seeds", Long.getLong("faults.seed") != null ? 1 : seeds());
        var failures = new ArrayList<String>();
        long began = System.nanoTime();
        int backups = 0;
        int due = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            var result = new Simulation(seed, talks).run();
            backups += result.backups();
            due += result.due();
            for (var failure : result.failures()) {
                failures.add("seed " + seed + ": " + failure);
            }
            if (!result.failures().isEmpty()) {
                System.out.println(
                        "faults: seed " + seed + " failed " + result.failures().size() + " times, first: "
                                + result.failures().get(0) + "\n    again: " + again(seed));
            }
        }
        double minutes = (System.nanoTime() - began) / 60e9;
        double years = seeds * Simulation.MACHINES * Simulation.STORM.toDays() / 365.0;
        System.out.printf(
                "faults: %d seeds from %d, %.2f agent-years in %.1f min (%.1f a minute), %d due times, %d snapshots, %d failures%n",
                seeds, first, years, minutes, years / minutes, due, backups, failures.size());
        assertThat(failures).isEmpty();
    }

    private static String again(long seed) {
        return "mvn verify -pl faults -am -Dtests.wanted=faults -Dtests.unwanted= -Dtest=SimulationTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dfaults.seed=" + seed + " -Dfaults.talk=true";
    }

    private static int seeds() {
        return 20;
    }
}
