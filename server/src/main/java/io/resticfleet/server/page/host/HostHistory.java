package io.resticfleet.server.page.host;

import java.time.Instant;
import java.util.Optional;

/**
 * What a card shows of a host's past.
 *
 * @param protectedBytes size of what its schedules' last snapshots hold; absent if none did
 * @param lastBackup when its last snapshot was made
 */
record HostHistory(HistoryStrip strip, Optional<Long> protectedBytes, Optional<Instant> lastBackup) {}
