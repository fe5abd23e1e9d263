package io.resticfleet.agent.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a schedule is due, and what happens to each due time. */
class PlannerTest {

    private PlannerHarness harness;

    @TempDir
    Path root;

    @BeforeEach
    void start() {
        harness = new PlannerHarness(root);
    }

    @Test
    void a_schedule_runs_once_at_its_due_time() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));

        harness.tickAt("2026-03-01T12:59:59Z");
        assertThat(harness.events).isEmpty();

        harness.tickAt("2026-03-01T13:00:00Z");
        harness.tickAt("2026-03-01T13:00:01Z");
        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void due_times_while_switched_off_are_handled_after_a_restart() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T13:00:00Z");
        harness.events.clear();

        harness.restart();
        harness.now = Instant.parse("2026-03-01T14:20:00Z");
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));

        harness.planner.tick();
        assertThat(harness.events).containsExactly("run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_time_zone_that_this_java_does_not_know_is_replaced_by_the_machines() throws IOException {
        harness.follow(1, PlannerHarness.in("Mars/Olympus", PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T13:00:00Z");
        var file = root.resolve("planner.json");
        Files.writeString(file, Files.readString(file).replace("\"Z\"", "\"Mars/Olympus\""));

        harness.restart();

        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");
        assertThat(harness.planner.zone().zone()).isEqualTo(ZoneOffset.UTC);
    }

    @Test
    void a_restart_does_not_repeat_a_run() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T13:00:00Z");
        harness.events.clear();

        harness.restart();
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.planner.tick();

        assertThat(harness.events).isEmpty();
    }

    @Test
    void a_run_due_while_the_previous_one_is_waiting_is_missed() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.busy = true;

        harness.tickAt("2026-03-01T13:00:00Z");

        assertThat(harness.events).containsExactly("missed 2026-03-01T13:00:00Z " + Planner.BUSY);
    }

    @Test
    void passed_due_times_are_missed_if_catch_up_is_skip() {
        harness.follow(1, PlannerHarness.catching(CatchUp.SKIP));
        harness.tickAt("2026-03-01T13:04:00Z"); // a little late does not count as passed
        harness.tickAt("2026-03-01T15:10:00Z");

        assertThat(harness.events)
                .containsExactly(
                        "run 2026-03-01T13:00:00Z",
                        "missed 2026-03-01T14:00:00Z " + Planner.ASLEEP,
                        "missed 2026-03-01T15:00:00Z " + Planner.ASLEEP + "; no catch-up run, as catch_up is skip");
    }

    @Test
    void a_passed_due_time_is_caught_up_within_the_configured_time() {
        harness.follow(1, PlannerHarness.catching(CatchUp.parse("within:30m")));
        harness.tickAt("2026-03-01T13:30:00Z");
        harness.tickAt("2026-03-01T14:30:01Z");

        assertThat(harness.events.get(0)).isEqualTo("run 2026-03-01T13:00:00Z");
        assertThat(harness.events.get(1))
                .startsWith("missed 2026-03-01T14:00:00Z")
                .endsWith("catch_up is within:30m");
    }

    @Test
    void a_run_with_jitter_starts_once_and_at_the_same_moment_after_a_restart() {
        var jittered = PlannerHarness.jittered(60);
        harness.follow(1, jittered);
        Instant start = Instant.parse("2026-03-01T13:00:00Z");
        while (harness.events.isEmpty()) {
            start = start.plusSeconds(30);
            harness.tickAt(start.toString());
        }
        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");
        assertThat(start).isBetween(Instant.parse("2026-03-01T13:01:00Z"), Instant.parse("2026-03-01T14:00:00Z"));

        harness.events.clear();
        harness.tickAt("2026-03-01T14:00:30Z"); // the next one has its own delay
        harness.restart();
        harness.follow(1, jittered);
        harness.tickAt("2026-03-01T14:59:59Z");
        assertThat(harness.events).containsExactly("run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_delayed_run_is_not_lost_when_its_schedule_changes() {
        harness.follow(1, PlannerHarness.jittered(60));
        harness.tickAt("2026-03-01T13:00:30Z");
        assertThat(harness.events).isEmpty();

        harness.follow(2, PlannerHarness.cron("0 3 * * *"));

        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void time_while_a_schedule_is_disabled_does_not_count() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.follow(
                2,
                PlannerHarness.schedule("nightly", false, false, Optional.of(PlannerHarness.HOURLY), Optional.empty()));
        harness.tickAt("2026-03-01T15:10:00Z");

        harness.follow(3, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T16:00:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-01T16:00:00Z");
    }

    @Test
    void a_crash_between_storing_a_set_and_its_cursors_loses_nothing() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T13:00:00Z");
        harness.events.clear();

        harness.restart(); // the set on disk is newer than the cursors
        harness.now = Instant.parse("2026-03-01T15:31:00Z");
        harness.follow(2, PlannerHarness.cron("30 * * * *"));
        harness.planner.tick();

        assertThat(harness.events).last().isEqualTo("run 2026-03-01T15:30:00Z");
    }

    @Test
    void a_new_set_starts_from_now_after_the_due_times_of_the_old_one() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.now = Instant.parse("2026-03-01T13:00:05Z");

        harness.follow(2, PlannerHarness.cron("0 13 * * *"));
        harness.planner.tick();
        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");

        harness.follow(3);
        harness.tickAt("2026-03-03T13:00:00Z");
        assertThat(harness.events).hasSize(1);
    }

    @Test
    void a_schedule_whose_times_did_not_change_keeps_its_cursor() {
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        var renamed =
                PlannerHarness.schedule("renamed", false, true, Optional.of(PlannerHarness.HOURLY), Optional.empty());
        harness.now = Instant.parse("2026-03-01T12:59:59Z");
        harness.follow(2, renamed);

        harness.tickAt("2026-03-01T13:00:00Z");

        assertThat(harness.events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void manual_and_disabled_schedules_are_never_due() {
        harness.follow(
                1,
                PlannerHarness.schedule("by hand", true, true, Optional.empty(), Optional.empty()),
                new Schedule(
                        new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FA0"),
                        JobKind.BACKUP,
                        "off",
                        false,
                        false,
                        Optional.of(PlannerHarness.HOURLY),
                        Optional.empty(),
                        List.of("/etc"),
                        List.of(),
                        List.of(),
                        RetentionPolicy.NONE,
                        BackupOptions.NONE,
                        Hooks.NONE,
                        CatchUp.RUN_ONCE,
                        0,
                        Optional.empty()));

        harness.tickAt("2026-03-01T13:00:00Z");

        assertThat(harness.events).isEmpty();
    }
}
