package io.resticfleet.server.rule;

import io.resticfleet.server.status.HostStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * What operators have decided about a host.
 *
 * @param comesAndGoes whether it may be away, as a laptop: that it is, or misses due times, is nothing wrong
 * @param staleAfterDays days without a good backup of any schedule that are too many; absent: only its schedules define that
 * @param paused absent unless its schedules are not to run for a while
 */
public record HostCare(boolean comesAndGoes, Optional<Integer> staleAfterDays, Optional<Paused> paused) {

    /** Nothing was decided. */
    public static final HostCare USUAL = new HostCare(false, Optional.empty(), Optional.empty());

    /**
     * Since when a host is paused.
     *
     * @param by user name
     */
    public record Paused(Instant since, String by, Optional<String> reason) {}

    /** Tells what was decided; called for each host at each look. */
    public interface Source {

        HostCare of(HostStatus status);
    }
}
