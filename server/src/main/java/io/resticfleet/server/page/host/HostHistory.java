package io.resticfleet.server.page.host;

import java.time.Instant;
import java.util.Optional;

/**
 * The history of a host, for its card.
 *
 * @param protectedBytes size of the last snapshots of its schedules; absent if there are none
 * @param lastBackup when its last snapshot was made
 */
record HostHistory(HistoryStrip strip, Optional<Long> protectedBytes, Optional<Instant> lastBackup) {}
