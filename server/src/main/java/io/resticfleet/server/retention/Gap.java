package io.resticfleet.server.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A time in which the server did not see a host, by the server's clock.
 *
 * @param from when it received something from the host for the last time before
 * @param until when the host connected again; absent while it is away
 * @param drained when the host had reported everything that it did in the gap; absent before
 */
public record Gap(Instant from, Optional<Instant> until, Optional<Instant> drained) {

    /** Results of runs in the gap are accepted for so long after the journal was drained. */
    static final Duration CLOSES_AFTER = Duration.ofHours(1);

    boolean contains(Instant at) {
        return !at.isBefore(from) && until.filter(at::isAfter).isEmpty();
    }

    /** The same by a clock that may be wrong by so much. */
    boolean containsNearly(Instant at, Duration wrong) {
        return contains(at) || contains(at.plus(wrong)) || contains(at.minus(wrong));
    }

    /** Whether a result that was received then may be of a run in this gap. */
    boolean accepts(Instant reported) {
        return drained.filter(at -> reported.isAfter(at.plus(CLOSES_AFTER))).isEmpty();
    }

    boolean isLongerThan(Duration limit) {
        return until.filter(from.plus(limit)::isBefore).isPresent();
    }
}
