package io.resticfleet.server.page.host;

import java.time.Instant;
import java.util.Optional;

/**
 * The past of a host, as its card shows it.
 *
 * @param protectedBytes size of what its schedules' last snapshots hold; absent if none did
 * @param lastBackup when its last snapshot was made
 */
record HostHistory(HistoryStrip strip, Optional<Long> protectedBytes, Optional<Instant> lastBackup) {}
