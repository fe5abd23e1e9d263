package io.resticfleet.server.retention;

import static io.resticfleet.server.retention.LiveRun.CLOCKS;

import io.resticfleet.server.retention.Binding.Trust;
import io.resticfleet.server.retention.Unknown.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A run while the host was out of the server's sight. Its slot is the last due time not after its own time, in the same gap.
 * If only that due time passed between the listings without and with it, the snapshot cannot stand for another one.
 */
record GapRun(Window window, GapOf gapOf, Proof proof) implements BindingRule.RunRule {

    /** A snapshot may be this much older than the last listing without it: it was listed while it was made. */
    static final Duration LISTED_DURING = Duration.ofHours(1);

    /** Whether the own time of a snapshot fits the listings without and with it. */
    interface Window {
        boolean contains(Sighting sighting);
    }

    /** The gap that a run was in. */
    interface GapOf {
        Optional<Gap> find(ScheduleRecord record, Claim claim, Sighting sighting);
    }

    /** Whether a snapshot can be of its slot only. */
    interface Proof {
        Trust of(ScheduleRecord record, Slot slot, Sighting sighting);
    }

    static boolean between(Sighting sighting) {
        return !sighting.time().isAfter(sighting.firstSeen().plus(CLOCKS))
                && sighting.lastWithout()
                        .filter(sighting.time().plus(LISTED_DURING)::isBefore)
                        .isEmpty();
    }

    static Optional<Gap> noticed(ScheduleRecord record, Claim claim, Sighting sighting) {
        return record.gaps().stream()
                .filter(gap -> gap.containsNearly(sighting.time(), CLOCKS))
                .findFirst();
    }

    static Trust oneDueTime(ScheduleRecord record, Slot slot, Sighting sighting) {
        var without = sighting.lastWithout().orElse(Instant.EPOCH);
        boolean between = slot.at().isAfter(without) && !slot.at().isAfter(sighting.firstSeen());
        return between && record.dueTimes().count(without, sighting.firstSeen()) == 1 ? Trust.PROVEN : Trust.UNPROVEN;
    }

    @Override
    public Counting bind(ScheduleRecord record, Claim claim, Sighting sighting) {
        var time = sighting.time();
        if (!window.contains(sighting)) {
            return new Unknown(Reason.TIME);
        }
        var gap = gapOf.find(record, claim, sighting);
        if (gap.isEmpty()) {
            return new Unknown(Reason.NO_GAP);
        } else if (!gap.get().accepts(claim.reported())) {
            return new Unknown(Reason.LATE);
        }
        return record.dueTimes()
                .latest(time)
                .filter(gap.get()::contains)
                .map(Slot::due)
                .<Counting>map(slot ->
                        new Binding(claim.snapshotId(), slot, proof.of(record, slot, sighting), time, claim.status()))
                .orElse(new Unknown(Reason.NO_SLOT));
    }
}
