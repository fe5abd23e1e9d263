package io.resticfleet.server.drill;

import io.resticfleet.protocol.DrillSample;
import java.time.Instant;
import java.util.Optional;

/**
 * The drill that the server starts on a host each week.
 *
 * @param sample how much it restores
 * @param nextAt when the next one is due; it waits for the host, and for its other jobs. Null before the first minutes of a
 *     new host, and if it is off
 */
public record WeeklyDrill(boolean enabled, DrillSample sample, Optional<Instant> nextAt) {

    /** Few bytes, as data that is read can cost money; so many files that their cost differs from that of the start. */
    public static final DrillSample SAMPLE =
            new DrillSample(Optional.of(200), Optional.of(64L * 1024 * 1024), Optional.empty());

    /** That of a host whose setting nobody has changed. */
    static final WeeklyDrill DEFAULT = new WeeklyDrill(true, SAMPLE, Optional.empty());
}
