package io.resticfleet.server.drill;

import java.time.Instant;
import java.util.Optional;

/**
 * A drill that succeeded.
 *
 * @param files number of files that were restored and verified
 * @param bytes their size
 * @param seconds that restic took; null if it was not measured
 */
public record ProvenRestore(Instant at, long files, long bytes, Optional<Double> seconds) {}
