package io.resticfleet.server.page.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.enrollment.Replacement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * That a host has another machine, or will have.
 *
 * @param prepared a command that was not used yet; absent if there is none
 * @param last the last replacement; absent if there is nothing to tell about it any more
 */
public record ReplacementNote(HostId hostId, Optional<Replacement.Prepared> prepared, Optional<Replacement.Done> last) {

    /** The id of the fragment. */
    public static final String ID = "replaced";

    public static final String TEMPLATE = "host/replaced.jte";

    /** For so long it is told on each page of the host. */
    private static final Duration TOLD = Duration.ofDays(7);

    public static ReplacementNote of(HostId hostId, Replacement replacement, Instant now) {
        var since = now.minus(TOLD);
        return new ReplacementNote(
                hostId,
                replacement.prepared(),
                replacement
                        .last()
                        .filter(done -> !done.connected()
                                || done.replacedAt().isAfter(since)
                                || done.formerRefusedAt()
                                        .filter(since::isBefore)
                                        .isPresent()));
    }

    public boolean isEmpty() {
        return prepared.isEmpty() && last.isEmpty();
    }

    /** Leads to the host's latest snapshot. */
    public String restorePath() {
        return "/hosts/" + hostId + "/restore";
    }
}
