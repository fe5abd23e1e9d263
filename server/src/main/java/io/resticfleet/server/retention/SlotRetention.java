package io.resticfleet.server.retention;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.server.retention.Binding.Trust;
import io.resticfleet.server.retention.Unknown.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Retention that a burgled machine cannot bend. restic's own trusts the time that a snapshot says of itself, so that seven
 * forged snapshots remove seven real ones. Here a snapshot counts at the time of its {@link Slot}, which the server found, and
 * what has none neither counts nor is removed. Values in, values out: it reads no clock and no database.
 *
 * @see <a href="https://github.com/restic/restic/blob/master/doc/060_forget.rst">restic: security considerations in
 *     append-only mode</a>
 */
public record SlotRetention(BindingRule binding, KeepRule keep, HoldRule hold) {

    private static final Comparator<Binding> NEWEST_FIRST = Comparator.comparing(
                    (Binding binding) -> binding.slot().at())
            .thenComparing(Binding::snapshotId)
            .reversed();

    /** The rule as it is used. */
    public static SlotRetention standard() {
        return new SlotRetention(BindingRule.STANDARD, KeepRule.STANDARD, HoldRule.STANDARD);
    }

    /** Binds a snapshot that a complete listing has shown to the slot of its run, or says why it cannot. */
    public Counting bind(ScheduleRecord record, Claim claim, Sighting sighting) {
        return binding.bind(record, claim, sighting);
    }

    /** Lets a snapshot count at its own time: an operator confirmed a list with it, or it was there before this rule. */
    public Counting adopt(Sighting sighting, JobStatus status, Instant adopted) {
        return sighting.time().isAfter(adopted)
                ? new Unknown(Reason.BEFORE_ADOPTION)
                : new Binding(sighting.snapshotId(), Slot.due(sighting.time()), Trust.ADOPTED, sighting.time(), status);
    }

    /** The plan of the policy in force. */
    public RetentionPlan plan(ScheduleRecord record, Situation situation) {
        return plan(
                record, record.dueTimes().current().policy(), record.dueTimes().policySince(), situation);
    }

    /**
     * The plan of another policy.
     *
     * @param since when it was set; now for one that is only tried
     */
    public RetentionPlan plan(ScheduleRecord record, RetentionPolicy policy, Instant since, Situation situation) {
        var terms = record.dueTimes().current();
        var bound = new ArrayList<Binding>();
        var unknown = new ArrayList<Sighting>();
        for (var sighting : situation.listed()) {
            record.binding(sighting.snapshotId())
                    .filter(found -> isTrusted(situation, found))
                    .ifPresentOrElse(bound::add, () -> unknown.add(sighting));
        }
        bound.sort(NEWEST_FIRST);
        var kept = keep.keep(new KeepTiers(policy, terms.zone()), bound, unknown, situation.now());
        unknown.forEach(sighting -> kept.putIfAbsent(sighting.snapshotId(), List.of("does not count")));
        keepLeast(situation, bound).forEach(id -> kept.putIfAbsent(id, List.of("least kept")));
        bound.stream()
                .filter(found -> found.status() == JobStatus.SUCCEEDED)
                .findFirst()
                .ifPresent(found -> kept.putIfAbsent(found.snapshotId(), List.of("last complete backup")));
        var remove = new ArrayList<String>();
        for (int i = bound.size() - 1; i >= 0; i--) {
            if (!kept.containsKey(bound.get(i).snapshotId())) {
                remove.add(bound.get(i).snapshotId());
            }
        }
        var held = remove.isEmpty() ? Optional.<Hold>empty() : hold.find(record, situation, since, bound, remove);
        return new RetentionPlan(kept, remove, held);
    }

    private static boolean isTrusted(Situation situation, Binding found) {
        return situation
                .untrustedSince()
                .filter(since -> !found.slot().at().isBefore(since))
                .isEmpty();
    }

    private static HashSet<String> keepLeast(Situation situation, List<Binding> newestFirst) {
        var ids = new HashSet<String>();
        newestFirst.stream().limit(situation.leastKept().count()).forEach(found -> ids.add(found.snapshotId()));
        var young = situation.now().minus(situation.leastKept().age());
        situation.listed().stream()
                .filter(sighting -> sighting.firstSeen().isAfter(young))
                .forEach(sighting -> ids.add(sighting.snapshotId()));
        return ids;
    }
}
