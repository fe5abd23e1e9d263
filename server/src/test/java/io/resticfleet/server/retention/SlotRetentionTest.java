package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.retention.Binding.Trust;
import io.resticfleet.server.retention.Hold.Cause;
import io.resticfleet.server.retention.Unknown.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SlotRetentionTest {

    private static final HostId HOST = new HostId("01J00000000000000000000001");
    private static final HostId OTHER_HOST = new HostId("01J00000000000000000000002");
    private static final ScheduleId SCHEDULE = new ScheduleId("01J00000000000000000000003");
    private static final JobId JOB = new JobId("01J00000000000000000000004");
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final RetentionPolicy DAILY_3 = new RetentionPolicy(0, 0, 3, 0, 0, 0, Optional.empty());
    private static final RetentionPolicy DAILY_20 = new RetentionPolicy(0, 0, 20, 0, 0, 0, Optional.empty());

    private final SlotRetention rule = SlotRetention.standard();
    private final List<Gap> gaps = new ArrayList<>();
    private final List<Binding> bindings = new ArrayList<>();
    private final List<Sighting> listed = new ArrayList<>();
    private final List<Terms> terms = new ArrayList<>(List.of(terms(START, DAILY_3)));
    private Optional<Instant> released = Optional.empty();
    private Optional<Instant> untrusted = Optional.empty();
    private final List<Hold> alarms = new ArrayList<>();

    private static Terms terms(Instant from, RetentionPolicy policy) {
        return new Terms(from, Optional.of(CronExpression.parse("0 2 * * *")), ZoneId.of("UTC"), policy);
    }

    private ScheduleRecord ledger() {
        return new ScheduleRecord(SCHEDULE, HOST, new DueTimes(terms), gaps, bindings);
    }

    private static Instant due(int day) {
        return START.plus(DAY.multipliedBy(day)).plus(Duration.ofHours(2));
    }

    private static Sighting sighting(Instant time, Instant firstSeen, Instant lastWithout) {
        return new Sighting(
                "a".repeat(64), firstSeen, Optional.of(lastWithout), time, List.of(Schedule.TAG_PREFIX + SCHEDULE));
    }

    private static Claim claim(HostId host, Instant announced, Instant reported) {
        return new Claim(
                JOB, host, SCHEDULE, announced, Optional.empty(), JobStatus.SUCCEEDED, "a".repeat(64), reported);
    }

    private Counting bindLive(Instant time, Instant announced, Instant firstSeen) {
        return rule.bind(ledger(), claim(HOST, announced, firstSeen), sighting(time, firstSeen, announced.minus(DAY)));
    }

    private void addDaily(int days) {
        for (int day = 0; day < days; day++) {
            add(day, Trust.LIVE);
        }
    }

    private void add(int day, Trust trust) {
        var id = "%064x".formatted(day);
        bindings.add(new Binding(id, Slot.due(due(day)), trust, due(day), JobStatus.SUCCEEDED));
        listed.add(new Sighting(id, due(day), Optional.empty(), due(day), List.of(Schedule.TAG_PREFIX + SCHEDULE)));
    }

    private RetentionPlan plan(int day) {
        return rule.plan(
                ledger(),
                new Situation(
                        due(day).plusSeconds(600),
                        listed,
                        RemovalFloor.DEFAULT,
                        alarms,
                        released,
                        Optional.of(due(day).minus(DAY)),
                        untrusted));
    }

    @Test
    void a_run_that_the_server_saw_start_has_the_latest_due_time() {
        assertThat(bindLive(due(5).plusSeconds(9), due(5).plusSeconds(3), due(5).plusSeconds(90)))
                .isEqualTo(new Binding(
                        "a".repeat(64), Slot.due(due(5)), Trust.LIVE, due(5).plusSeconds(9), JobStatus.SUCCEEDED));
    }

    @Test
    void the_own_time_of_a_live_run_is_near_its_start_and_before_its_first_listing() {
        var announced = due(5);
        var seen = due(5).plusSeconds(3_600);
        assertThat(bindLive(announced.minusSeconds(601), announced, seen)).isEqualTo(new Unknown(Reason.NO_GAP));
        assertThat(bindLive(announced.minusSeconds(600), announced, seen)).isInstanceOf(Binding.class);
        assertThat(bindLive(seen.plusSeconds(300), announced, seen)).isInstanceOf(Binding.class);
        assertThat(bindLive(seen.plusSeconds(301), announced, seen)).isEqualTo(new Unknown(Reason.TIME));
    }

    @Test
    void only_the_host_of_the_schedule_can_claim_a_slot_and_only_with_its_tag() {
        var seen = sighting(due(5), due(5).plusSeconds(60), due(4));
        assertThat(rule.bind(ledger(), claim(OTHER_HOST, due(5), due(5).plusSeconds(50)), seen))
                .isEqualTo(new Unknown(Reason.OTHER_HOST));
        var tags = List.of(Schedule.TAG_PREFIX + SCHEDULE, Schedule.TAG_PREFIX + JOB);
        var twoTags = new Sighting(seen.snapshotId(), seen.firstSeen(), seen.lastWithout(), seen.time(), tags);
        assertThat(rule.bind(ledger(), claim(HOST, due(5), due(5).plusSeconds(50)), twoTags))
                .isEqualTo(new Unknown(Reason.OTHER_TAGS));
    }

    @Test
    void a_slot_is_used_once_but_a_partial_backup_and_a_complete_one_share_it() {
        bindings.add(new Binding("b".repeat(64), Slot.due(due(5)), Trust.LIVE, due(5), JobStatus.PARTIAL));
        assertThat(bindLive(due(5), due(5), due(5).plusSeconds(60))).isInstanceOf(Binding.class);
        bindings.add(new Binding("c".repeat(64), Slot.due(due(5)), Trust.LIVE, due(5), JobStatus.SUCCEEDED));
        assertThat(bindLive(due(5), due(5), due(5).plusSeconds(60))).isInstanceOf(Unknown.class);
    }

    @Test
    void a_run_in_a_gap_is_proven_if_one_due_time_passed_between_two_listings() {
        gaps.add(new Gap(due(5).minusSeconds(600), Optional.of(due(8)), Optional.empty()));
        var claim = claim(HOST, due(8).plusSeconds(60), due(8).plusSeconds(90));
        var listedDaily = sighting(due(6).plusSeconds(5), due(6).plusSeconds(3_600), due(5).plusSeconds(3_600));
        assertThat(rule.bind(ledger(), claim, listedDaily))
                .isEqualTo(new Binding(
                        "a".repeat(64), Slot.due(due(6)), Trust.PROVEN, due(6).plusSeconds(5), JobStatus.SUCCEEDED));
        var listedLater = sighting(due(6).plusSeconds(5), due(8).plusSeconds(100), due(5).plusSeconds(3_600));
        assertThat(((Binding) rule.bind(ledger(), claim, listedLater)).trust()).isEqualTo(Trust.UNPROVEN);
    }

    @Test
    void the_slots_of_a_gap_close_an_hour_after_the_journal_was_drained() {
        gaps.add(new Gap(due(5).minusSeconds(600), Optional.of(due(8)), Optional.of(due(8).plusSeconds(60))));
        var seen = sighting(due(6).plusSeconds(5), due(8).plusSeconds(100), due(5).plusSeconds(3_600));
        var late = due(8).plusSeconds(3_661);
        assertThat(rule.bind(ledger(), claim(HOST, late, late), seen)).isEqualTo(new Unknown(Reason.LATE));
    }

    @Test
    void what_does_not_count_is_kept_and_displaces_nothing() {
        addDaily(12);
        for (int i = 0; i < 20; i++) {
            var time = due(11).plusSeconds(i);
            listed.add(new Sighting("f%063x".formatted(i), time, Optional.empty(), time, List.of()));
        }
        var plan = plan(11);
        assertThat(plan.remove())
                .containsExactly(
                        "%064x".formatted(0),
                        "%064x".formatted(1),
                        "%064x".formatted(2),
                        "%064x".formatted(3),
                        "%064x".formatted(4));
        assertThat(plan.keep()).hasSize(27);
    }

    @Test
    void unproven_snapshots_displace_none() {
        addDaily(12);
        listed.removeIf(seen -> seen.snapshotId().equals("%064x".formatted(3)));
        bindings.removeIf(binding -> binding.snapshotId().equals("%064x".formatted(3)));
        add(3, Trust.UNPROVEN);
        terms.set(0, terms(START, new RetentionPolicy(0, 0, 9, 0, 0, 0, Optional.empty())));
        assertThat(plan(11).keep()).containsKeys("%064x".formatted(2), "%064x".formatted(3));
    }

    @Test
    void what_was_first_seen_within_a_week_is_kept() {
        addDaily(9);
        assertThat(plan(8).remove()).containsExactly("%064x".formatted(0), "%064x".formatted(1));
        assertThat(plan(8).held()).isEmpty();
    }

    @Test
    void a_removal_of_more_than_a_quarter_waits_for_an_operator() {
        addDaily(20);
        assertThat(plan(20).held().map(Hold::cause)).contains(Cause.MANY);
        released = Optional.of(due(20));
        assertThat(plan(20).held()).isEmpty();
    }

    @Test
    void a_harsher_policy_waits_a_day_even_if_an_operator_releases_it() {
        addDaily(20);
        terms.set(0, terms(START, DAILY_20));
        terms.add(terms(due(20), DAILY_3));
        released = Optional.of(due(20).plusSeconds(300));
        assertThat(plan(20).held()).contains(new Hold(Cause.HARSHER_POLICY, due(20)));
        released = Optional.of(due(21));
        assertThat(plan(21).held()).isEmpty();
    }

    @Test
    void a_gap_of_more_than_a_week_and_alarms_hold_until_an_operator_looked() {
        addDaily(9);
        gaps.add(new Gap(START, Optional.of(START.plus(DAY.multipliedBy(8))), Optional.empty()));
        assertThat(plan(8).held().map(Hold::cause)).contains(Cause.LONG_GAP);
        alarms.add(new Hold(Cause.SHRINK_GUARD, due(8)));
        assertThat(plan(8).held().map(Hold::cause)).contains(Cause.SHRINK_GUARD);
        released = Optional.of(due(8).plusSeconds(1));
        assertThat(plan(8).held()).isEmpty();
    }

    @Test
    void nothing_counts_from_when_a_host_is_not_trusted() {
        addDaily(12);
        untrusted = Optional.of(due(9));
        var plan = plan(11);
        assertThat(plan.held().map(Hold::cause)).contains(Cause.NOT_TRUSTED);
        assertThat(plan.remove()).doesNotContain("%064x".formatted(6), "%064x".formatted(7), "%064x".formatted(9));
    }

    @Test
    void what_was_there_before_counts_at_its_own_time() {
        var seen = sighting(due(1), due(5), due(4));
        assertThat(rule.adopt(seen, JobStatus.SUCCEEDED, due(5)))
                .isEqualTo(new Binding("a".repeat(64), Slot.due(due(1)), Trust.ADOPTED, due(1), JobStatus.SUCCEEDED));
        assertThat(rule.adopt(seen, JobStatus.SUCCEEDED, due(0))).isEqualTo(new Unknown(Reason.BEFORE_ADOPTION));
    }

    @Test
    void the_last_complete_backup_stays_and_without_one_nothing_is_removed() {
        addDaily(12);
        bindings.replaceAll(binding -> new Binding(
                binding.snapshotId(),
                binding.slot(),
                binding.trust(),
                binding.start(),
                binding.slot().at().equals(due(0)) ? JobStatus.SUCCEEDED : JobStatus.PARTIAL));
        assertThat(plan(11).remove()).isNotEmpty().doesNotContain("%064x".formatted(0));
        bindings.remove(0);
        assertThat(plan(11).held().map(Hold::cause)).contains(Cause.NO_COMPLETE_BACKUP);
    }

    @Test
    void a_changed_schedule_keeps_the_due_times_that_it_had() {
        terms.set(0, terms(START, DAILY_3));
        terms.add(new Terms(
                due(5).plusSeconds(600), Optional.of(CronExpression.parse("0 * * * *")), ZoneId.of("UTC"), DAILY_3));
        var dueTimes = new DueTimes(terms);
        assertThat(dueTimes.latest(due(5).plusSeconds(900))).contains(due(5));
        assertThat(dueTimes.latest(due(6))).contains(due(6));
        assertThat(dueTimes.count(due(3), due(6))).isEqualTo(2 + 24);
        assertThat(dueTimes.policySince()).isEqualTo(START);
    }
}
