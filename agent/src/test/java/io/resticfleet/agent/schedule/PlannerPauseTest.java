package io.resticfleet.agent.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Pause;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to due times in and around a pause. The harness's clock starts at half past twelve. */
class PlannerPauseTest {

    private static final String WORDS = "paused by anna since 2026-03-01T12:45:00Z: new disks";

    private PlannerHarness harness;

    @TempDir
    Path root;

    @BeforeEach
    void start() {
        harness = new PlannerHarness(root);
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
    }

    @Test
    void due_times_are_missed_with_the_pauses_words_and_nothing_catches_up_after_it() {
        pause(Optional.empty());

        harness.tickAt("2026-03-01T13:00:00Z");
        harness.tickAt("2026-03-01T14:00:30Z");
        harness.pause = Optional.empty();
        harness.tickAt("2026-03-01T14:00:31Z");
        harness.tickAt("2026-03-01T15:00:00Z");

        assertThat(harness.events)
                .containsExactly(
                        "missed 2026-03-01T13:00:00Z " + WORDS,
                        "missed 2026-03-01T14:00:00Z " + WORDS,
                        "run 2026-03-01T15:00:00Z");
    }

    @Test
    void a_pause_ends_by_itself_and_a_due_time_at_its_end_runs() {
        pause(Optional.of("2026-03-01T14:00:00Z"));

        harness.tickAt("2026-03-01T13:00:00Z");
        harness.tickAt("2026-03-01T14:00:00Z");

        assertThat(harness.events).containsExactly("missed 2026-03-01T13:00:00Z " + WORDS, "run 2026-03-01T14:00:00Z");
    }

    @Test
    void a_machine_that_slept_through_a_pause_does_not_catch_up_what_was_due_in_it() {
        pause(Optional.of("2026-03-01T15:30:00Z"));

        harness.restart();
        pause(Optional.of("2026-03-01T15:30:00Z"));
        harness.follow(1, PlannerHarness.cron(PlannerHarness.HOURLY));
        harness.tickAt("2026-03-01T15:45:00Z");
        assertThat(harness.events)
                .containsExactly(
                        "missed 2026-03-01T13:00:00Z " + WORDS,
                        "missed 2026-03-01T14:00:00Z " + WORDS,
                        "missed 2026-03-01T15:00:00Z " + WORDS);

        harness.tickAt("2026-03-01T17:20:00Z");
        assertThat(harness.events.subList(3, 5))
                .containsExactly("missed 2026-03-01T16:00:00Z " + Planner.ASLEEP, "run 2026-03-01T17:00:00Z");
    }

    @Test
    void a_due_time_before_the_pause_does_not_run_in_it() {
        harness.pause = Optional.of(
                new Pause(Instant.parse("2026-03-01T13:30:00Z"), "anna", Optional.empty(), Optional.of("new disks")));

        harness.tickAt("2026-03-01T13:45:00Z");

        assertThat(harness.events)
                .containsExactly("missed 2026-03-01T13:00:00Z paused by anna since 2026-03-01T13:30:00Z: new disks");
    }

    @Test
    void many_due_times_of_a_pause_are_one_report_with_its_words() {
        harness.follow(2, PlannerHarness.schedule("* * * * *", CatchUp.RUN_ONCE, 0));
        pause(Optional.empty());

        harness.tickAt("2026-03-01T14:30:30Z");

        assertThat(harness.events)
                .filteredOn(event -> event.contains("this stands for"))
                .singleElement()
                .asString()
                .as("some of them are from before the pause")
                .contains(Planner.ASLEEP);
        harness.events.clear();
        harness.tickAt("2026-03-01T15:30:30Z");
        assertThat(harness.events)
                .filteredOn(event -> event.contains("this stands for"))
                .singleElement()
                .asString()
                .contains(WORDS);
        assertThat(harness.events).hasSize(26).allMatch(event -> event.contains(WORDS));
    }

    private void pause(Optional<String> until) {
        harness.pause = Optional.of(new Pause(
                Instant.parse("2026-03-01T12:45:00Z"), "anna", until.map(Instant::parse), Optional.of("new disks")));
    }
}
