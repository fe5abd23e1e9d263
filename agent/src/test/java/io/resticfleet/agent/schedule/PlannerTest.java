package io.resticfleet.agent.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlannerTest {

    static final String HOURLY = "0 * * * *";
    static final String NIGHTLY = "30 2 * * *";

    @TempDir
    Path root;

    Instant now = Instant.parse("2026-03-01T12:30:00Z");
    boolean busy;
    final List<String> events = new ArrayList<>();
    Planner planner;

    @BeforeEach
    void start() {
        restart();
    }

    @Test
    void a_schedule_runs_at_its_time_once_and_not_before() {
        follow(1, cron(HOURLY));

        tickAt("2026-03-01T12:59:59Z");
        assertThat(events).isEmpty();

        tickAt("2026-03-01T13:00:00Z");
        tickAt("2026-03-01T13:00:01Z");
        assertThat(events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void after_sleep_the_newest_runs_and_each_older_one_is_missed() {
        follow(1, cron(HOURLY));

        tickAt("2026-03-01T15:10:00Z");

        assertThat(events)
                .containsExactly(
                        "missed 2026-03-01T13:00:00Z " + Planner.ASLEEP,
                        "missed 2026-03-01T14:00:00Z " + Planner.ASLEEP,
                        "run 2026-03-01T15:00:00Z");
    }

    @Test
    void a_long_absence_is_told_in_few_rows_with_a_count() {
        follow(1, cron(HOURLY));

        tickAt("2026-03-11T12:30:00Z"); // 240 due times

        assertThat(events).hasSize(26);
        assertThat(events.get(0))
                .startsWith("missed ")
                .contains("this stands for 215 due times since 2026-03-01T13:00:00Z");
        assertThat(events).last().isEqualTo("run 2026-03-11T12:00:00Z");
    }

    @Test
    void time_switched_off_is_looked_at_after_a_restart() {
        follow(1, cron(HOURLY));
        tickAt("2026-03-01T13:00:00Z");
        events.clear();

        restart();
        now = Instant.parse("2026-03-01T14:20:00Z");
        follow(1, cron(HOURLY));

        planner.tick();
        assertThat(events).containsExactly("run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_restart_does_not_fire_again() {
        follow(1, cron(HOURLY));
        tickAt("2026-03-01T13:00:00Z");
        events.clear();

        restart();
        follow(1, cron(HOURLY));
        planner.tick();

        assertThat(events).isEmpty();
    }

    @Test
    void a_run_that_comes_due_while_its_last_one_waits_is_missed() {
        follow(1, cron(HOURLY));
        busy = true;

        tickAt("2026-03-01T13:00:00Z");

        assertThat(events).containsExactly("missed 2026-03-01T13:00:00Z " + Planner.BUSY);
    }

    @Test
    void a_clock_set_back_is_not_waited_for_and_what_comes_due_again_is_another_run() {
        follow(1, cron(HOURLY));
        tickAt("2026-03-01T13:00:00Z");
        tickAt("2026-03-01T14:00:00Z");

        tickAt("2026-03-01T12:40:00Z");
        tickAt("2026-03-01T13:00:00Z");
        tickAt("2026-03-01T14:00:00Z");
        tickAt("2026-03-01T15:00:00Z");

        assertThat(events)
                .containsExactly(
                        "run 2026-03-01T13:00:00Z",
                        "run 2026-03-01T14:00:00Z",
                        "run 2026-03-01T13:00:00Z life 1",
                        "run 2026-03-01T14:00:00Z life 1",
                        "run 2026-03-01T15:00:00Z life 1");
    }

    @Test
    void a_small_step_back_runs_nothing_again() {
        follow(1, cron(HOURLY));
        tickAt("2026-03-01T13:00:30Z");

        tickAt("2026-03-01T12:58:00Z");
        tickAt("2026-03-01T13:00:00Z");
        tickAt("2026-03-01T13:01:00Z");

        assertThat(events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-24H", "PT-1H", "PT1H", "P1D", "P30D", "P366D"})
    void after_any_jump_of_the_clock_and_back_each_hour_has_its_run(String jump) {
        follow(1, cron(HOURLY));
        tickAt("2026-03-01T12:59:00Z");
        now = now.plus(Duration.parse(jump));
        planner.tick();
        tickAt("2026-03-01T12:59:30Z");
        events.clear();

        for (var hour : List.of("13", "14", "15")) {
            tickAt("2026-03-01T" + hour + ":00:01Z");
        }

        assertThat(events.stream().map(event -> event.substring(0, 24)))
                .containsExactly("run 2026-03-01T13:00:00Z", "run 2026-03-01T14:00:00Z", "run 2026-03-01T15:00:00Z");
    }

    @Test
    void ten_years_of_every_minute_are_one_run_and_few_rows() {
        follow(1, cron("* * * * *"));

        tickAt("2036-03-01T12:30:00Z");

        assertThat(events).hasSize(26).last().isEqualTo("run 2036-03-01T12:30:00Z");
        assertThat(events.get(0))
                .contains("this stands for " + (3653L * 24 * 60 - 25) + " due times since 2026-03-01T12:31:00Z");
    }

    @Test
    void what_passed_is_missed_where_the_schedule_says_skip() {
        follow(1, catching(CatchUp.SKIP));
        tickAt("2026-03-01T13:04:00Z"); // a little late is not passed
        tickAt("2026-03-01T15:10:00Z");

        assertThat(events)
                .containsExactly(
                        "run 2026-03-01T13:00:00Z",
                        "missed 2026-03-01T14:00:00Z " + Planner.ASLEEP,
                        "missed 2026-03-01T15:00:00Z " + Planner.ASLEEP + "; not made up for, as catch_up is skip");
    }

    @Test
    void what_passed_is_made_up_for_within_the_time_that_the_schedule_says() {
        follow(1, catching(CatchUp.parse("within:30m")));
        tickAt("2026-03-01T13:30:00Z");
        tickAt("2026-03-01T14:30:01Z");

        assertThat(events.get(0)).isEqualTo("run 2026-03-01T13:00:00Z");
        assertThat(events.get(1)).startsWith("missed 2026-03-01T14:00:00Z").endsWith("catch_up is within:30m");
    }

    @Test
    void a_run_with_jitter_begins_later_once_and_at_the_same_moment_after_a_restart() {
        var jittered = jittered(60);
        follow(1, jittered);
        Instant start = Instant.parse("2026-03-01T13:00:00Z");
        while (events.isEmpty()) {
            start = start.plusSeconds(30);
            tickAt(start.toString());
        }
        assertThat(events).containsExactly("run 2026-03-01T13:00:00Z");
        assertThat(start).isBetween(Instant.parse("2026-03-01T13:01:00Z"), Instant.parse("2026-03-01T14:00:00Z"));

        events.clear();
        tickAt("2026-03-01T14:00:30Z"); // the next waits for its own
        restart();
        follow(1, jittered);
        tickAt("2026-03-01T14:59:59Z");
        assertThat(events).containsExactly("run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_run_that_waits_for_its_start_is_not_lost_when_its_schedule_changes() {
        follow(1, jittered(60));
        tickAt("2026-03-01T13:00:30Z");
        assertThat(events).isEmpty();

        follow(2, cron("0 3 * * *"));

        assertThat(events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void what_passed_while_a_schedule_was_disabled_was_not_due() {
        follow(1, cron(HOURLY));
        follow(2, schedule("nightly", false, false, Optional.of(HOURLY), Optional.empty()));
        tickAt("2026-03-01T15:10:00Z");

        follow(3, cron(HOURLY));
        tickAt("2026-03-01T16:00:00Z");

        assertThat(events).containsExactly("run 2026-03-01T16:00:00Z");
    }

    @Test
    void a_crash_between_a_new_set_and_its_places_forgets_nothing() {
        follow(1, cron(HOURLY));
        tickAt("2026-03-01T13:00:00Z");
        events.clear();

        restart(); // the set on disk is newer than the places
        now = Instant.parse("2026-03-01T15:31:00Z");
        follow(2, cron("30 * * * *"));
        planner.tick();

        assertThat(events).last().isEqualTo("run 2026-03-01T15:30:00Z");
    }

    @Test
    void a_clock_that_was_far_ahead_and_is_put_right_does_not_stop_backups() {
        follow(1, cron(HOURLY));
        tickAt("2031-01-01T00:00:00Z");
        tickAt("2026-03-01T12:40:00Z");
        events.clear();

        tickAt("2026-03-01T13:00:00Z");

        assertThat(events).containsExactly("run 2026-03-01T13:00:00Z life 1");
    }

    @Test
    void a_time_that_does_not_exist_runs_right_after_the_gap() {
        now = Instant.parse("2026-03-28T12:00:00Z");
        follow(1, in("Europe/Berlin", NIGHTLY));

        tickAt("2026-03-29T00:59:00Z");
        assertThat(events).isEmpty();
        tickAt("2026-03-29T01:00:00Z"); // 02:00 became 03:00

        assertThat(events).containsExactly("run 2026-03-29T01:00:00Z");
    }

    @Test
    void a_time_that_exists_twice_runs_once() {
        now = Instant.parse("2026-10-24T12:00:00Z");
        follow(1, in("Europe/Berlin", NIGHTLY));

        tickAt("2026-10-25T00:30:00Z");
        tickAt("2026-10-25T01:30:00Z");

        assertThat(events).containsExactly("run 2026-10-25T00:30:00Z");
    }

    @Test
    void a_new_set_counts_new_schedules_from_now_and_still_owes_the_old_ones() {
        follow(1, cron(HOURLY));
        now = Instant.parse("2026-03-01T13:00:05Z");

        follow(2, cron("0 13 * * *"));
        planner.tick();
        assertThat(events).containsExactly("run 2026-03-01T13:00:00Z");

        follow(3);
        tickAt("2026-03-03T13:00:00Z");
        assertThat(events).hasSize(1);
    }

    @Test
    void a_schedule_whose_times_did_not_change_keeps_its_place() {
        follow(1, cron(HOURLY));
        var renamed = schedule("renamed", false, true, Optional.of(HOURLY), Optional.empty());
        now = Instant.parse("2026-03-01T12:59:59Z");
        follow(2, renamed);

        tickAt("2026-03-01T13:00:00Z");

        assertThat(events).containsExactly("run 2026-03-01T13:00:00Z");
    }

    @Test
    void manual_and_disabled_schedules_are_passed_over() {
        follow(
                1,
                schedule("by hand", true, true, Optional.empty(), Optional.empty()),
                new Schedule(
                        "01ARZ3NDEKTSV4RRFFQ69G5FA0",
                        JobKind.BACKUP,
                        "off",
                        false,
                        false,
                        Optional.of(HOURLY),
                        Optional.empty(),
                        List.of("/etc"),
                        List.of(),
                        List.of(),
                        RetentionPolicy.NONE,
                        BackupOptions.NONE,
                        Hooks.NONE,
                        CatchUp.RUN_ONCE,
                        0));

        tickAt("2026-03-01T13:00:00Z");

        assertThat(events).isEmpty();
    }

    private void restart() {
        planner = new Planner(() -> now, ZoneOffset.UTC, Storage.open(root), new Due() {
            @Override
            public boolean busy(String scheduleId) {
                return busy;
            }

            @Override
            public void run(Schedule schedule, Time time, long scheduleVersion) {
                events.add("run " + time.at() + (time.life() == 0 ? "" : " life " + time.life()));
            }

            @Override
            public void missed(Schedule schedule, Instant since, Time time, String reason) {
                events.add("missed " + time.at() + " " + reason);
            }
        });
    }

    private void follow(long version, Schedule... schedules) {
        planner.follow(new ToAgent.ScheduleSet(version, List.of(schedules)));
    }

    private void tickAt(String time) {
        now = Instant.parse(time);
        planner.tick();
    }

    private static Schedule cron(String cron) {
        return schedule("nightly", false, true, Optional.of(cron), Optional.empty());
    }

    private static Schedule catching(CatchUp catchUp) {
        return schedule(HOURLY, catchUp, 0);
    }

    private static Schedule jittered(int minutes) {
        return schedule(HOURLY, CatchUp.RUN_ONCE, minutes);
    }

    private static Schedule schedule(String cron, CatchUp catchUp, int jitterMinutes) {
        return new Schedule(
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                JobKind.BACKUP,
                "nightly",
                true,
                false,
                Optional.of(cron),
                Optional.empty(),
                List.of("/etc"),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                catchUp,
                jitterMinutes);
    }

    private static Schedule in(String zone, String cron) {
        return schedule("nightly", false, true, Optional.of(cron), Optional.of(zone));
    }

    private static Schedule schedule(
            String name, boolean manual, boolean enabled, Optional<String> cron, Optional<String> zone) {
        return new Schedule(
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                JobKind.BACKUP,
                name,
                enabled,
                manual,
                cron,
                zone,
                List.of("/etc"),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0);
    }
}
