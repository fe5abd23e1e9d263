package io.resticfleet.server.drill;

import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.List;
import java.util.Optional;

/**
 * A change of a host's weekly drill; absent fields stay unchanged.
 *
 * @param sample replaces the whole sample
 */
public record WeeklyDrillChange(Optional<Boolean> enabled, Optional<DrillSample> sample) {

    /** @throws Problem 400 */
    public void check() {
        var wrong = sample.map(DrillSample::violations).orElse(List.of());
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong.stream()
                    .map(violation -> new Violation(
                            violation.field().replaceFirst("^options\\.drill", "weekly_drill"),
                            violation.code(),
                            violation.detail()))
                    .toList());
        }
    }
}
