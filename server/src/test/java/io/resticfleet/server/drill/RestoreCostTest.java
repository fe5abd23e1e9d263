package io.resticfleet.server.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Estimates from measured restores, as exact as their measures allow. */
class RestoreCostTest {

    @Test
    void nothing_is_estimated_without_a_measure() {
        assertThat(RestoreCost.of(List.of())).isEmpty();
    }

    @Test
    void one_measure_is_repeated_and_costs_are_never_negative() {
        var one =
                RestoreCost.of(List.of(new RestoreMeasure(200, 50_000_000, 30))).orElseThrow();

        assertThat(one.estimate(200, 50_000_000)).isCloseTo(Duration.ofSeconds(30), Duration.ofSeconds(1));
        assertThat(one.estimate(400, 100_000_000)).isGreaterThan(Duration.ofSeconds(40));
        var odd = RestoreCost.of(List.of(
                        new RestoreMeasure(1, 0, 10),
                        new RestoreMeasure(500, 60_000_000, 1),
                        new RestoreMeasure(0, 0, 0)))
                .orElseThrow();
        assertThat(odd.start()).isNotNegative();
        assertThat(odd.perFile()).isNotNegative();
        assertThat(odd.perByte()).isNotNegative();
        assertThat(odd.estimate(10, 10)).isPositive();
    }

    @Test
    void a_full_restore_is_known_from_one_before_it_and_from_noisy_drills() {
        var random = new Random(3);
        var measures = new ArrayList<RestoreMeasure>();
        for (int i = 0; i < 8; i++) {
            long files = 200 - random.nextInt(40);
            long bytes = 10_000_000 + random.nextInt(50_000_000);
            measures.add(new RestoreMeasure(files, bytes, seconds(files, bytes) * (0.9 + 0.2 * random.nextDouble())));
        }
        double full = seconds(100_000, 20_000_000_000L);

        assertThat(estimate(measures)).as("of another kind of restore").isBetween(full / 3, full * 3);
        measures.add(new RestoreMeasure(90_000, 18_000_000_000L, seconds(90_000, 18_000_000_000L)));
        assertThat(estimate(measures)).isCloseTo(full, Percentage.withPercentage(20));
    }

    @Test
    void a_restore_on_an_idle_machine_does_not_outweigh_those_on_a_busy_one() {
        var measures = new ArrayList<RestoreMeasure>();
        for (double seconds : List.of(1.8, 7.0, 7.7, 8.6, 6.4, 7.2)) {
            measures.add(new RestoreMeasure(4_225, 115_000_000, seconds));
        }

        assertThat(RestoreCost.of(measures).orElseThrow().estimate(4_225, 115_000_000))
                .isCloseTo(Duration.ofSeconds(7), Duration.ofSeconds(1));
    }

    private static double estimate(List<RestoreMeasure> measures) {
        return RestoreCost.of(measures)
                        .orElseThrow()
                        .estimate(100_000, 20_000_000_000L)
                        .toMillis()
                / 1_000.0;
    }

    private static double seconds(long files, long bytes) {
        return 3 + files * 0.004 + bytes / 40e6;
    }
}
