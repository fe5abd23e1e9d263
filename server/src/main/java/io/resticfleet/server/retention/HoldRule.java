package io.resticfleet.server.retention;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.retention.Binding.Trust;
import io.resticfleet.server.retention.Hold.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether a plan has to wait until somebody looked. */
interface HoldRule {

    /** The rule as it is used. */
    HoldRule STANDARD = HoldRule::standard;

    Duration LONG_GAP = Duration.ofDays(7);
    Duration POLICY_DELAY = Duration.ofHours(24);

    /** @param policySince when the policy of the plan became the one in force */
    Optional<Hold> find(
            ScheduleRecord record,
            Situation situation,
            Instant policySince,
            Collection<Binding> bound,
            List<String> remove);

    private static Optional<Hold> standard(
            ScheduleRecord record,
            Situation situation,
            Instant policySince,
            Collection<Binding> bound,
            List<String> remove) {
        if (situation.untrustedSince().isPresent()) {
            return situation.untrustedSince().map(since -> new Hold(Cause.NOT_TRUSTED, since));
        } else if (bound.stream().noneMatch(binding -> binding.status() == JobStatus.SUCCEEDED)) {
            return Optional.of(new Hold(Cause.NO_COMPLETE_BACKUP, situation.now()));
        }
        return harsher(situation, policySince, bound, remove)
                .or(() -> situation.alarms().stream()
                        .filter(alarm -> isOpen(situation, alarm.since()))
                        .findFirst())
                .or(() -> longGap(record, situation))
                .or(() -> many(situation, policySince, bound, remove));
    }

    /** Of the snapshots that were there before the policy, more than half. */
    private static Optional<Hold> harsher(
            Situation situation, Instant policySince, Collection<Binding> bound, List<String> remove) {
        var before = situation.listed().stream()
                .filter(sighting -> sighting.firstSeen().isBefore(policySince))
                .map(Sighting::snapshotId)
                .collect(Collectors.toSet());
        long kept = bound.stream()
                .filter(binding -> before.contains(binding.snapshotId()))
                .count();
        long removed = remove.stream().filter(before::contains).count();
        return removed * 2 > kept && situation.now().isBefore(policySince.plus(POLICY_DELAY))
                ? Optional.of(new Hold(Cause.HARSHER_POLICY, policySince))
                : Optional.empty();
    }

    private static Optional<Hold> longGap(ScheduleRecord record, Situation situation) {
        return record.gaps().stream()
                .filter(gap -> gap.isLongerThan(LONG_GAP))
                .flatMap(gap -> gap.until().stream())
                .filter(until -> isOpen(situation, until))
                .findFirst()
                .map(until -> new Hold(Cause.LONG_GAP, until));
    }

    /** More than a quarter, unless as many came in since the last removal. */
    private static Optional<Hold> many(
            Situation situation, Instant policySince, Collection<Binding> bound, List<String> remove) {
        var since = situation.removed().filter(policySince::isBefore).orElse(policySince);
        var seen = situation.listed().stream()
                .filter(sighting -> sighting.firstSeen().isAfter(since))
                .map(Sighting::snapshotId)
                .collect(Collectors.toSet());
        long arrived = bound.stream()
                .filter(binding -> binding.trust() != Trust.ADOPTED && seen.contains(binding.snapshotId()))
                .count();
        return remove.size() * 4L > bound.size()
                        && remove.size() > arrived
                        && isOpen(situation, situation.now().minus(POLICY_DELAY))
                ? Optional.of(new Hold(Cause.MANY, situation.now()))
                : Optional.empty();
    }

    private static boolean isOpen(Situation situation, Instant since) {
        return situation.released().filter(since::isBefore).isEmpty();
    }
}
