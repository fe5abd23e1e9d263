package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.retention.Binding.Trust;
import io.resticfleet.server.retention.KeepTiers.Dated;
import io.resticfleet.server.retention.Unknown.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random attackers who own a machine. {@code make retention-agreement} tries many more. */
@Tag("slow")
class AttackTest {

    private static final int SCRIPTS = Integer.getInteger("retention.scripts", 670);
    private static final long SEED = Long.getLong("retention.seed", 1);
    private static final RemovalFloor NOTHING = new RemovalFloor(0, Duration.ZERO);

    private static final BindingRule BINDING = BindingRule.STANDARD;
    private static final LiveRun LIVE = new LiveRun(LiveRun::latestDue);
    private static final GapRun GAP = new GapRun(GapRun::between, GapRun::noticed, GapRun::oneDueTime);

    /**
     * The rule without one of its parts.
     *
     * @param seed of the first script, shortly before one that loses something
     */
    record Weakened(String without, SlotRetention rule, Duration owedAge, long seed) {

        private static Weakened binding(String without, BindingRule binding, long seed) {
            return new Weakened(
                    without, new SlotRetention(binding, KeepRule.STANDARD, HoldRule.STANDARD), Duration.ZERO, seed);
        }

        private static Weakened keep(String without, KeepRule keep) {
            return new Weakened(without, new SlotRetention(BINDING, keep, HoldRule.STANDARD), Duration.ZERO, 1);
        }

        @Override
        public String toString() {
            return without;
        }
    }

    @Test
    void no_real_snapshot_is_lost_before_its_time() {
        assertThat(lost(SlotRetention.standard(), RemovalFloor.DEFAULT, RemovalFloor.DEFAULT.age(), SEED, SCRIPTS, 5))
                .isEmpty();
    }

    @Test
    void none_is_lost_by_a_policy_without_a_least_age_either() {
        assertThat(lost(SlotRetention.standard(), NOTHING, Duration.ZERO, SEED, SCRIPTS / 2, 5))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void a_rule_without_one_of_its_parts_loses_real_snapshots(Weakened weakened) {
        assertThat(lost(weakened.rule(), NOTHING, weakened.owedAge(), weakened.seed(), 300, 1))
                .isNotEmpty();
    }

    static Stream<Weakened> a_rule_without_one_of_its_parts_loses_real_snapshots() {
        return Stream.of(
                Weakened.binding(
                        "results of the schedule's own host only",
                        new BindingRule(
                                (record, claim, sighting) -> Optional.<Reason>empty(),
                                BINDING.runs(),
                                BINDING.slotUse()),
                        1),
                Weakened.binding(
                        "one run for each slot",
                        new BindingRule(BINDING.admission(), BINDING.runs(), (record, binding) -> true),
                        160),
                Weakened.binding(
                        "due times that the server computes",
                        new BindingRule(
                                BINDING.admission(), List.of(new LiveRun(AttackTest::named), GAP), BINDING.slotUse()),
                        90),
                Weakened.binding(
                        "gaps that the server noticed",
                        new BindingRule(
                                BINDING.admission(),
                                List.of(LIVE, new GapRun(sighting -> true, AttackTest::always, AttackTest::oneDueTime)),
                                BINDING.slotUse()),
                        1),
                Weakened.binding(
                        "proof",
                        new BindingRule(
                                BINDING.admission(),
                                List.of(
                                        LIVE,
                                        new GapRun(
                                                GapRun::between,
                                                GapRun::noticed,
                                                (record, slot, sighting) -> Trust.PROVEN)),
                                BINDING.slotUse()),
                        390),
                Weakened.keep("a difference between known and unknown", AttackTest::countAll),
                Weakened.keep("the time of the slot", AttackTest::byOwnTime),
                new Weakened("the least age", SlotRetention.standard(), RemovalFloor.DEFAULT.age(), 1));
    }

    /** Whatever due time an attacker might name. */
    private static Optional<Instant> named(ScheduleRecord record, Claim claim) {
        return record.dueTimes()
                .latest(claim.announced().plus(Duration.ofHours(claim.job().hashCode() % 1_000)));
    }

    private static Optional<Gap> always(ScheduleRecord record, Claim claim, Sighting sighting) {
        return Optional.of(new Gap(Instant.EPOCH, Optional.empty(), Optional.empty()));
    }

    /** Of any slot. */
    private static Trust oneDueTime(ScheduleRecord record, Slot slot, Sighting sighting) {
        var without = sighting.lastWithout().orElse(Instant.EPOCH);
        return record.dueTimes().count(without, sighting.firstSeen()) <= 1 ? Trust.PROVEN : Trust.UNPROVEN;
    }

    private static Map<String, List<String>> countAll(
            KeepTiers tiers, Collection<Binding> bound, Collection<Sighting> unknown, Instant now) {
        var all = new ArrayList<Dated>();
        bound.forEach(binding ->
                all.add(new Dated(binding.snapshotId(), binding.slot().at())));
        unknown.forEach(sighting -> all.add(new Dated(sighting.snapshotId(), sighting.time())));
        return tiers.keep(all, now);
    }

    private static Map<String, List<String>> byOwnTime(
            KeepTiers tiers, Collection<Binding> bound, Collection<Sighting> unknown, Instant now) {
        return tiers.keep(
                bound.stream()
                        .map(binding -> new Dated(binding.snapshotId(), binding.start()))
                        .toList(),
                now);
    }

    private static List<String> lost(
            SlotRetention rule, RemovalFloor leastKept, Duration owedAge, long first, int scripts, int enough) {
        var lost = new ArrayList<String>();
        for (long seed = first; seed < first + scripts && lost.size() < enough; seed++) {
            for (var words : new AttackScript(rule, leastKept, owedAge, seed).lost()) {
                lost.add("script " + seed + ": " + words);
            }
        }
        return lost;
    }
}
