package io.resticfleet.server.page.hostsettings;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether a host is trusted.
 *
 * @param since when it is not; absent if it is trusted
 * @param now local time of the user, such as {@code 2026-03-01T12:00}
 */
record Trust(Optional<Instant> since, String now) {}
