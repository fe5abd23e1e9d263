package io.resticfleet.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A seed leads to the same events wherever it is run. */
@Tag("faults")
class DeterminismTest {

    private static final long SEED = 951;
    private static final Duration STORM = Duration.ofDays(1);

    /** Held strongly: the logging framework forgets the level of a logger that is collected. */
    private static final Logger ALL = Logger.getLogger("");

    @BeforeEach
    void beQuiet() {
        ALL.setLevel(Level.OFF);
    }

    @Test
    void a_seed_goes_the_same_way_twice_in_one_process_and_in_another_and_other_seeds_do_not()
            throws IOException, InterruptedException {
        var first = run(SEED);
        var elsewhere = new ArrayList<String>();

        SimulationProcess.run(
                new SimulationProcess.Seeds(SEED, 1, 1),
                STORM,
                ended -> elsewhere.add(ended.result().fingerprint()));

        assertThat(elsewhere).containsExactly(first);
        assertThat(run(SEED + 1)).isNotEqualTo(first);
        assertThat(run(SEED)).isEqualTo(first);
    }

    private static String run(long seed) throws IOException {
        return new Simulation(seed, STORM, Simulation.Verbosity.QUIET).run().fingerprint();
    }
}
