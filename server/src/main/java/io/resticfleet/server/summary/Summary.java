package io.resticfleet.server.summary;

import java.time.Instant;
import java.util.Optional;

/**
 * The fleet in a few figures, for dashboards.
 *
 * @param hosts number of all
 * @param ok of these, those that are backed up without a known problem
 * @param needsAttention those on whose account an operator has to act; a host that waits for its first backup is neither
 * @param openAlerts of all severities
 * @param lastBackupAt when the last backup that made a snapshot ended; null if none has
 * @param nextDueAt when the next backup is due; null if none is
 */
record Summary(
        int hosts,
        int ok,
        int needsAttention,
        int openAlerts,
        Optional<Instant> lastBackupAt,
        Optional<Instant> nextDueAt) {}
