package io.resticfleet.agent.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a schedule is due, and what becomes of each due time. */
class PlannerTest {

    private PlannerBench bench;

    @BeforeEach
    void start(@TempDir Path root) {
        bench = new PlannerBench(root);
    }

    @Test
    void a_schedule_runs_at_its_time_once_and_not_before() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));

        bench.tickAt("2026-03-01T12:59:59Z");
        assertThat(bench.events).isEmpty();

        bench.tickAt("2026-03-01T13:00:00Z");
        bench.tickAt("2026-03-01T13:00:01Z");
        assertThat(bench.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void time_switched_off_is_looked_at_after_a_restart() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        bench.tickAt("2026-03-01T13:00:00Z");
        bench.events.clear();

        bench.restart();
        bench.now = Instant.parse("2026-03-01T14:20:00Z");
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));

        bench.planner.tick();
        assertThat(bench.events).containsExactly("run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_restart_does_not_fire_again() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        bench.tickAt("2026-03-01T13:00:00Z");
        bench.events.clear();

        bench.restart();
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        bench.planner.tick();

        assertThat(bench.events).isEmpty();
    }

    @Test
    void a_run_that_comes_due_while_its_last_one_waits_is_missed() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        bench.busy = true;

        bench.tickAt("2026-03-01T13:00:00Z");

        assertThat(bench.events).containsExactly("missed 2026-03-01T13:00:00Z " + Planner.BUSY);
    }

    @Test
    void what_passed_is_missed_where_the_schedule_says_skip() {
        bench.follow(1, PlannerBench.catching(CatchUp.SKIP));
        bench.tickAt("2026-03-01T13:04:00Z"); // a little late is not passed
        bench.tickAt("2026-03-01T15:10:00Z");

        assertThat(bench.events)
                .containsExactly(
                        "run 2026-03-01T13:00:00Z",
                        "missed 2026-03-01T14:00:00Z " + Planner.ASLEEP,
                        "missed 2026-03-01T15:00:00Z " + Planner.ASLEEP + "; not made up for, as catch_up is skip");
    }

    @Test
    void what_passed_is_made_up_for_within_the_time_that_the_schedule_says() {
        bench.follow(1, PlannerBench.catching(CatchUp.parse("within:30m")));
        bench.tickAt("2026-03-01T13:30:00Z");
        bench.tickAt("2026-03-01T14:30:01Z");

        assertThat(bench.events.get(0)).isEqualTo("run 2026-03-01T13:00:00Z");
        assertThat(bench.events.get(1))
                .startsWith("missed 2026-03-01T14:00:00Z")
                .endsWith("catch_up is within:30m");
    }

    @Test
    void a_run_with_jitter_begins_later_once_and_at_the_same_moment_after_a_restart() {
        var jittered = PlannerBench.jittered(60);
        bench.follow(1, jittered);
        Instant start = Instant.parse("2026-03-01T13:00:00Z");
        while (bench.events.isEmpty()) {
            start = start.plusSeconds(30);
            bench.tickAt(start.toString());
        }
        assertThat(bench.events).containsExactly("run 2026-03-01T13:00:00Z");
        assertThat(start).isBetween(Instant.parse("2026-03-01T13:01:00Z"), Instant.parse("2026-03-01T14:00:00Z"));

        bench.events.clear();
        bench.tickAt("2026-03-01T14:00:30Z"); // the next waits for its own
        bench.restart();
        bench.follow(1, jittered);
        bench.tickAt("2026-03-01T14:59:59Z");
        assertThat(bench.events).containsExactly("run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_run_that_waits_for_its_start_is_not_lost_when_its_schedule_changes() {
        bench.follow(1, PlannerBench.jittered(60));
        bench.tickAt("2026-03-01T13:00:30Z");
        assertThat(bench.events).isEmpty();

        bench.follow(2, PlannerBench.cron("0 3 * * *"));

        assertThat(bench.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void what_passed_while_a_schedule_was_disabled_was_not_due() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        bench.follow(
                2, PlannerBench.schedule("nightly", false, false, Optional.of(PlannerBench.HOURLY), Optional.empty()));
        bench.tickAt("2026-03-01T15:10:00Z");

        bench.follow(3, PlannerBench.cron(PlannerBench.HOURLY));
        bench.tickAt("2026-03-01T16:00:00Z");

        assertThat(bench.events).containsExactly("run 2026-03-01T16:00:00Z");
    }

    @Test
    void a_crash_between_a_new_set_and_its_places_forgets_nothing() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        bench.tickAt("2026-03-01T13:00:00Z");
        bench.events.clear();

        bench.restart(); // the set on disk is newer than the places
        bench.now = Instant.parse("2026-03-01T15:31:00Z");
        bench.follow(2, PlannerBench.cron("30 * * * *"));
        bench.planner.tick();

        assertThat(bench.events).last().isEqualTo("run 2026-03-01T15:30:00Z");
    }

    @Test
    void a_new_set_counts_new_schedules_from_now_and_still_owes_the_old_ones() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        bench.now = Instant.parse("2026-03-01T13:00:05Z");

        bench.follow(2, PlannerBench.cron("0 13 * * *"));
        bench.planner.tick();
        assertThat(bench.events).containsExactly("run 2026-03-01T13:00:00Z");

        bench.follow(3);
        bench.tickAt("2026-03-03T13:00:00Z");
        assertThat(bench.events).hasSize(1);
    }

    @Test
    void a_schedule_whose_times_did_not_change_keeps_its_place() {
        bench.follow(1, PlannerBench.cron(PlannerBench.HOURLY));
        var renamed = PlannerBench.schedule("renamed", false, true, Optional.of(PlannerBench.HOURLY), Optional.empty());
        bench.now = Instant.parse("2026-03-01T12:59:59Z");
        bench.follow(2, renamed);

        bench.tickAt("2026-03-01T13:00:00Z");

        assertThat(bench.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void manual_and_disabled_schedules_are_passed_over() {
        bench.follow(
                1,
                PlannerBench.schedule("by hand", true, true, Optional.empty(), Optional.empty()),
                new Schedule(
                        "01ARZ3NDEKTSV4RRFFQ69G5FA0",
                        JobKind.BACKUP,
                        "off",
                        false,
                        false,
                        Optional.of(PlannerBench.HOURLY),
                        Optional.empty(),
                        List.of("/etc"),
                        List.of(),
                        List.of(),
                        RetentionPolicy.NONE,
                        BackupOptions.NONE,
                        Hooks.NONE,
                        CatchUp.RUN_ONCE,
                        0));

        bench.tickAt("2026-03-01T13:00:00Z");

        assertThat(bench.events).isEmpty();
    }
}
