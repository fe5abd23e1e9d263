package io.resticfleet.agent.schedule;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A planner with a settable clock, and its decisions as text, such as {@code run 2026-03-01T13:00:00Z}. */
final class PlannerHarness {

    static final String HOURLY = "0 * * * *";
    static final String NIGHTLY = "30 2 * * *";

    private final Path root;
    final List<String> events = new ArrayList<>();
    Instant now = Instant.parse("2026-03-01T12:30:00Z");
    ZoneId zone = ZoneOffset.UTC;
    boolean busy;
    Optional<Pause> pause = Optional.empty();
    Planner planner;

    PlannerHarness(Path root) {
        this.root = root;
        restart();
    }

    void restart() {
        planner = new Planner(() -> now, () -> zone, () -> pause, StateDirectory.open(root), new DueListener() {
            @Override
            public boolean busy(ScheduleId scheduleId) {
                return busy;
            }

            @Override
            public void run(Schedule schedule, DueTime time, long scheduleVersion) {
                events.add("run " + time.at() + (time.life() == 0 ? "" : " life " + time.life()));
            }

            @Override
            public void missed(Schedule schedule, Instant since, DueTime time, String reason) {
                events.add("missed " + time.at() + " " + reason);
            }
        });
    }

    void follow(long version, Schedule... schedules) {
        planner.follow(new ToAgent.ScheduleSet(version, List.of(schedules)));
    }

    void tickAt(String time) {
        now = Instant.parse(time);
        planner.tick();
    }

    static Schedule cron(String cron) {
        return schedule("nightly", false, true, Optional.of(cron), Optional.empty());
    }

    static Schedule catching(CatchUp catchUp) {
        return schedule(HOURLY, catchUp, 0);
    }

    static Schedule jittered(int minutes) {
        return schedule(HOURLY, CatchUp.RUN_ONCE, minutes);
    }

    static Schedule schedule(String cron, CatchUp catchUp, int jitterMinutes) {
        return new Schedule(
                new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
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
                jitterMinutes,
                Optional.empty());
    }

    static Schedule in(String zone, String cron) {
        return schedule("nightly", false, true, Optional.of(cron), Optional.of(zone));
    }

    static Schedule schedule(
            String name, boolean manual, boolean enabled, Optional<String> cron, Optional<String> zone) {
        return new Schedule(
                new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
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
                0,
                Optional.empty());
    }
}
