package io.resticfleet.server.retention;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What a plan is made from, beside the record of the schedule.
 *
 * @param listed all snapshots of the newest complete listing that are bound to the schedule or name it in their tags
 * @param alarms causes to hold that the server or an agent found, in the order in which they occurred
 * @param released when an operator last looked at them and let retention go on
 * @param removed when retention last removed something of the schedule
 * @param untrustedSince from then on nothing counts; absent if the host is trusted
 */
public record Situation(
        Instant now,
        Collection<Sighting> listed,
        RemovalFloor leastKept,
        List<Hold> alarms,
        Optional<Instant> released,
        Optional<Instant> removed,
        Optional<Instant> untrustedSince) {}
