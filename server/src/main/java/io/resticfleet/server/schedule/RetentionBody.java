package io.resticfleet.server.schedule;

import io.resticfleet.protocol.RetentionPolicy;
import java.util.Optional;

/** A {@link RetentionPolicy} in a request; each number is 0 if left out. */
public record RetentionBody(
        Optional<Integer> keepLast,
        Optional<Integer> keepHourly,
        Optional<Integer> keepDaily,
        Optional<Integer> keepWeekly,
        Optional<Integer> keepMonthly,
        Optional<Integer> keepYearly,
        Optional<String> keepWithin) {

    /** The policy; it can be invalid. */
    public RetentionPolicy policy() {
        return new RetentionPolicy(
                keepLast.orElse(0),
                keepHourly.orElse(0),
                keepDaily.orElse(0),
                keepWeekly.orElse(0),
                keepMonthly.orElse(0),
                keepYearly.orElse(0),
                keepWithin);
    }
}
