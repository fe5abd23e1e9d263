package io.resticfleet.faults.alert;

import java.time.Instant;
import java.util.Collections;
import java.util.List;

/** Times. */
final class Times {

    private Times() {}

    static Instant latest(Instant... times) {
        return Collections.max(List.of(times));
    }
}
