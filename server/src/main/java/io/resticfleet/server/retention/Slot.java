package io.resticfleet.server.retention;

import io.resticfleet.protocol.JobId;
import java.time.Instant;
import java.util.Optional;

/**
 * One due time or one click of a schedule: the place of one run. Its snapshot counts at this time.
 *
 * @param click the job that an operator requested; absent for a due time
 */
public record Slot(Instant at, Optional<JobId> click) {

    static Slot due(Instant at) {
        return new Slot(at, Optional.empty());
    }
}
