package io.resticfleet.server.retention;

import io.resticfleet.server.retention.Unknown.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Which slot a snapshot has. Only the host that owns the schedule can claim one, only for a snapshot that a complete listing
 * has shown, and the first binding is final, for the snapshot and for the slot.
 *
 * @param runs how a slot is found, in the order in which it is tried
 */
record BindingRule(Admission admission, List<RunRule> runs, SlotUse slotUse) {

    /** The rule as it is used. */
    static final BindingRule STANDARD = new BindingRule(
            BindingRule::ownAndFirst,
            List.of(new LiveRun(LiveRun::latestDue), new GapRun(GapRun::between, GapRun::noticed, GapRun::oneDueTime)),
            BindingRule::isFree);

    /** What is required of every claim. */
    interface Admission {
        /** Why a claim is refused; absent if it is not. */
        Optional<Reason> refusal(ScheduleRecord record, Claim claim, Sighting sighting);
    }

    /** A way in which a run gets its slot. */
    interface RunRule {
        Counting bind(ScheduleRecord record, Claim claim, Sighting sighting);
    }

    /** Whether a slot can be used by one more snapshot. */
    interface SlotUse {
        boolean isFree(ScheduleRecord record, Binding binding);
    }

    /** A binding that the record does not have yet, or the reason why there is none. */
    Counting bind(ScheduleRecord record, Claim claim, Sighting sighting) {
        var refusal = admission.refusal(record, claim, sighting);
        if (refusal.isPresent()) {
            return new Unknown(refusal.get());
        }
        Counting result = new Unknown(Reason.NO_RESULT);
        boolean taken = false;
        for (var run : runs) {
            result = run.bind(record, claim, sighting);
            if (result instanceof Binding binding) {
                if (slotUse.isFree(record, binding)) {
                    return binding;
                }
                taken = true;
            }
        }
        return taken ? new Unknown(Reason.TAKEN) : result;
    }

    static Optional<Reason> ownAndFirst(ScheduleRecord record, Claim claim, Sighting sighting) {
        if (!claim.host().equals(record.host()) || !claim.schedule().equals(record.schedule())) {
            return Optional.of(Reason.OTHER_HOST);
        } else if (!sighting.isTaggedOnly(record.schedule())) {
            return Optional.of(Reason.OTHER_TAGS);
        }
        return record.binding(claim.snapshotId()).map(binding -> Reason.TAKEN);
    }

    /** A partial backup and the later success of the same due time share their slot, in whatever order they are reported. */
    static boolean isFree(ScheduleRecord record, Binding binding) {
        var others = record.at(binding.slot());
        return others.isEmpty() || others.size() == 1 && others.get(0).status() != binding.status();
    }
}
