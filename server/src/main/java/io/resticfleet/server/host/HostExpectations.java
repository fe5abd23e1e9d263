package io.resticfleet.server.host;

import java.util.Optional;

/**
 * What an operator expects of a host.
 *
 * @param comesAndGoes whether it may be away, as a laptop: that it is, or misses due times, is no problem
 * @param staleAfterDays days without a good backup of any schedule that are too many, 1 to 365; absent: only its schedules
 *     define that
 */
public record HostExpectations(boolean comesAndGoes, Optional<Integer> staleAfterDays) {}
