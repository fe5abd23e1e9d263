package io.resticfleet.agent.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Due times under a clock that sleeps, jumps, or repeats hours. */
class PlannerClockTest {

    private PlannerHarness harness;

    @BeforeEach
    void start(@TempDir Path root) {
        harness = new PlannerHarness(root);
    }

    @Test
    void after_sleep_the_newest_due_time_runs_and_older_ones_are_missed() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));

        harness.tickAt("2026-03-01T15:10:00Z");

        assertThat(harness.events)
                .containsExactly(
                        "missed 2026-03-01T13:00:00Z " + Planner.ASLEEP,
                        "missed 2026-03-01T14:00:00Z " + Planner.ASLEEP,
                        "run 2026-03-01T15:00:00Z");
    }

    @Test
    void a_long_absence_is_reported_in_few_entries_with_a_count() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));

        harness.tickAt("2026-03-11T12:30:00Z"); // 240 due times

        assertThat(harness.events).hasSize(26);
        assertThat(harness.events.get(0))
                .startsWith("missed ")
                .contains("this stands for 215 due times since 2026-03-01T13:00:00Z");
        assertThat(harness.events).last().isEqualTo("run 2026-03-11T12:00:00Z");
    }

    @Test
    void after_a_clock_is_set_back_due_times_that_come_again_run_again() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T13:00:00Z");
        harness.tickAt("2026-03-01T14:00:00Z");

        harness.tickAt("2026-03-01T12:40:00Z");
        harness.tickAt("2026-03-01T13:00:00Z");
        harness.tickAt("2026-03-01T14:00:00Z");
        harness.tickAt("2026-03-01T15:00:00Z");

        assertThat(harness.events)
                .containsExactly(
                        "run 2026-03-01T13:00:00Z",
                        "run 2026-03-01T14:00:00Z",
                        "run 2026-03-01T13:00:00Z life 1",
                        "run 2026-03-01T14:00:00Z life 1",
                        "run 2026-03-01T15:00:00Z life 1");
    }

    @Test
    void a_small_step_back_runs_nothing_again() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T13:00:30Z");

        harness.tickAt("2026-03-01T12:58:00Z");
        harness.tickAt("2026-03-01T13:00:00Z");
        harness.tickAt("2026-03-01T13:01:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-24H", "PT-1H", "PT1H", "P1D", "P30D", "P366D"})
    void after_any_jump_of_the_clock_and_back_each_hour_has_its_run(String jump) {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T12:59:00Z");
        harness.now = harness.now.plus(Duration.parse(jump));
        harness.planner.tick();
        harness.tickAt("2026-03-01T12:59:30Z");
        harness.events.clear();

        for (var hour : List.of("13", "14", "15")) {
            harness.tickAt("2026-03-01T" + hour + ":00:01Z");
        }

        assertThat(harness.events.stream().map(event -> event.substring(0, 24)))
                .containsExactly("run 2026-03-01T13:00:00Z", "run 2026-03-01T14:00:00Z", "run 2026-03-01T15:00:00Z");
    }

    @Test
    void ten_years_of_missed_minutes_make_one_run_and_few_entries() {
        harness.follow(1, PlannerHarness.cron("* * * * *"));

        harness.tickAt("2036-03-01T12:30:00Z");

        assertThat(harness.events).hasSize(26).last().isEqualTo("run 2036-03-01T12:30:00Z");
        assertThat(harness.events.get(0))
                .contains("this stands for " + (3653L * 24 * 60 - 25) + " due times since 2026-03-01T12:31:00Z");
    }

    @Test
    void correcting_a_clock_that_was_far_ahead_does_not_stop_backups() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2031-01-01T00:00:00Z");
        harness.tickAt("2026-03-01T12:40:00Z");
        harness.events.clear();

        harness.tickAt("2026-03-01T13:00:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z life 1");
    }

    @Test
    void a_time_skipped_by_dst_runs_right_after_the_gap() {
        harness.now = Instant.parse("2026-03-28T12:00:00Z");
        harness.follow(1, PlannerHarness.in("Europe/Berlin", PlannerHarness.NIGHTLY));

        harness.tickAt("2026-03-29T00:59:00Z");
        assertThat(harness.events).isEmpty();
        harness.tickAt("2026-03-29T01:00:00Z"); // 02:00 becomes 03:00

        assertThat(harness.events).containsExactly("run 2026-03-29T01:00:00Z");
    }

    @Test
    void a_time_repeated_by_dst_runs_once() {
        harness.now = Instant.parse("2026-10-24T12:00:00Z");
        harness.follow(1, PlannerHarness.in("Europe/Berlin", PlannerHarness.NIGHTLY));

        harness.tickAt("2026-10-25T00:30:00Z");
        harness.tickAt("2026-10-25T01:30:00Z");

        assertThat(harness.events).containsExactly("run 2026-10-25T00:30:00Z");
    }

    @Test
    void a_change_of_the_time_zone_applies_at_once_and_nothing_runs_twice() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.NIGHTLY));
        harness.tickAt("2026-03-02T02:30:00Z");

        harness.zone = ZoneId.of("America/New_York"); // 02:30 there was at 07:30Z
        harness.tickAt("2026-03-02T12:00:00Z");
        harness.tickAt("2026-03-03T02:31:00Z");
        harness.tickAt("2026-03-03T07:30:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-02T02:30:00Z", "run 2026-03-03T07:30:00Z");
        assertThat(harness.planner.zone().since()).contains(Instant.parse("2026-03-02T12:00:00Z"));
    }

    @Test
    void a_due_time_that_the_change_of_the_time_zone_skips_is_caught_up() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.NIGHTLY));
        harness.tickAt("2026-03-02T02:30:00Z");

        harness.zone = ZoneId.of("Asia/Tokyo"); // from 01:00 to 10:00, without a 02:30
        harness.tickAt("2026-03-03T01:00:00Z");
        harness.tickAt("2026-03-03T01:00:01Z");
        harness.tickAt("2026-03-03T17:30:00Z");

        assertThat(harness.events)
                .containsExactly("run 2026-03-02T02:30:00Z", "run 2026-03-02T17:30:00Z", "run 2026-03-03T17:30:00Z");
    }

    @Test
    void a_schedule_that_is_due_at_the_same_times_in_both_time_zones_is_not_affected() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T13:00:00Z");

        harness.zone = ZoneId.of("Asia/Tokyo");
        harness.tickAt("2026-03-01T13:20:00Z");
        harness.tickAt("2026-03-01T13:40:00Z");
        harness.tickAt("2026-03-01T14:00:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z", "run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_delayed_run_is_not_lost_when_the_time_zone_changes() {
        harness.follow(1, PlannerHarness.jittered(60));
        harness.tickAt("2026-03-01T13:00:30Z");
        assertThat(harness.events).isEmpty();

        harness.zone = ZoneId.of("Asia/Kathmandu");
        harness.tickAt("2026-03-01T13:01:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void due_times_before_a_restart_in_another_time_zone_are_those_of_the_former_one() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.NIGHTLY));
        harness.tickAt("2026-03-02T02:30:00Z");
        harness.events.clear();

        harness.zone = ZoneId.of("America/New_York");
        harness.now = Instant.parse("2026-03-02T12:00:00Z");
        harness.restart();
        harness.follow(1, PlannerHarness.cron(PlannerHarness.NIGHTLY));
        harness.tickAt("2026-03-02T12:00:01Z");
        harness.restart();
        harness.follow(1, PlannerHarness.cron(PlannerHarness.NIGHTLY));
        harness.tickAt("2026-03-03T07:30:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-03T07:30:00Z");
    }
}
