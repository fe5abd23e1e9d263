package io.resticfleet.server.retention;

import io.resticfleet.server.retention.Binding.Trust;
import io.resticfleet.server.retention.Unknown.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A run that the server saw begin. Its slot is the click, or the latest due time, whatever due time the agent names. How long
 * it ran does not matter, as the time of a snapshot is the start of its run.
 */
record LiveRun(DueTime dueTime) implements BindingRule.RunRule {

    /** How far the clocks of server and machine may differ. */
    static final Duration CLOCKS = Duration.ofMinutes(5);

    /** A snapshot may be this much older than the first message about its run. */
    static final Duration BEFORE = Duration.ofMinutes(10);

    /** The due time that a run without a click is for. */
    interface DueTime {
        Optional<Instant> of(ScheduleRecord record, Claim claim);
    }

    static Optional<Instant> latestDue(ScheduleRecord record, Claim claim) {
        return record.dueTimes().latest(claim.announced().plus(CLOCKS));
    }

    @Override
    public Counting bind(ScheduleRecord record, Claim claim, Sighting sighting) {
        if (!sighting.firstSeen().isAfter(claim.announced())) {
            return new Unknown(Reason.SEEN_BEFORE);
        }
        if (sighting.time().isBefore(claim.announced().minus(BEFORE))
                || sighting.time().isAfter(sighting.firstSeen().plus(CLOCKS))) {
            return new Unknown(Reason.TIME);
        }
        return claim.click()
                .map(at -> new Slot(at, Optional.of(claim.job())))
                .or(() -> dueTime.of(record, claim).map(Slot::due))
                .<Counting>map(
                        slot -> new Binding(claim.snapshotId(), slot, Trust.LIVE, sighting.time(), claim.status()))
                .orElse(new Unknown(Reason.NO_SLOT));
    }
}
