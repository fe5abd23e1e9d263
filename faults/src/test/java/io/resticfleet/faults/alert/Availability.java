package io.resticfleet.faults.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** When something worked, in periods; the last one may not have ended. */
final class Availability {

    private record Period(Instant from, Instant until) {}

    private final List<Period> periods = new ArrayList<>();
    private Optional<Instant> since = Optional.empty();

    /** It works from then on; a later time than now is allowed. */
    void begins(Instant at) {
        if (since.isEmpty()) {
            since = Optional.of(at);
        }
    }

    void ends(Instant at) {
        since.filter(at::isAfter).ifPresent(from -> periods.add(new Period(from, at)));
        since = Optional.empty();
    }

    /** Whether it works now. */
    boolean works(Instant now) {
        return since.filter(from -> !from.isAfter(now)).isPresent();
    }

    /** The first time at which it has worked for this length without a break, counted from {@code from} at the earliest. */
    Instant after(Instant from, Duration length) {
        for (int i = firstEndingAfter(from); i < periods.size(); i++) {
            var period = periods.get(i);
            var at = later(period.from(), from).plus(length);
            if (!at.isAfter(period.until())) {
                return at;
            }
        }
        return since.map(begin -> later(begin, from).plus(length)).orElse(Instant.MAX);
    }

    private int firstEndingAfter(Instant from) {
        int low = 0;
        int high = periods.size();
        while (low < high) {
            int middle = (low + high) / 2;
            if (periods.get(middle).until().isAfter(from)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
