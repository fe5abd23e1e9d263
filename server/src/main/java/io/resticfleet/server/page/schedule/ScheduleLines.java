package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.page.text.CronWords;
import io.resticfleet.server.page.text.RetentionWords;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.status.HostStatus;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Builds the lines of the schedule list. */
final class ScheduleLines {

    static final int NEXT = 3;

    private ScheduleLines() {}

    /**
     * Lines in the order of {@code schedules}.
     *
     * @param withheld those that the agent is too old for
     * @param retained of a schedule
     */
    static List<SchedulesScreen.Line> of(
            HostStatus status,
            List<Schedule> schedules,
            List<ScheduleRepository> repositories,
            Set<ScheduleId> withheld,
            Function<ScheduleId, SchedulesScreen.Retained> retained,
            Instant now) {
        return schedules.stream()
                .map(schedule -> line(
                        status,
                        schedule,
                        repository(schedule, repositories),
                        withheld.stream().filter(schedule.id()::equals).findFirst(),
                        retained.apply(schedule.id()),
                        now))
                .toList();
    }

    /** Name of the schedule's repository; empty if the host has no other. */
    private static String repository(Schedule schedule, List<ScheduleRepository> repositories) {
        return repositories.size() < 2
                ? ""
                : repositories.stream()
                        .filter(one ->
                                schedule.repositoryId().filter(one.id()::equals).isPresent())
                        .findFirst()
                        .orElse(repositories.get(0))
                        .name();
    }

    private static SchedulesScreen.Line line(
            HostStatus status,
            Schedule schedule,
            String repository,
            Optional<ScheduleId> withheld,
            SchedulesScreen.Retained retained,
            Instant now) {
        var zone = schedule.zone(status.host().zone());
        var cron = schedule.cron().map(CronExpression::parse);
        return new SchedulesScreen.Line(
                schedule.id(),
                schedule.kind(),
                schedule.name(),
                schedule.enabled(),
                schedule.manual(),
                String.join(" ", schedule.paths()),
                what(schedule),
                schedule.cron().orElse(""),
                cron.map(CronWords::of).orElse(""),
                zone,
                schedule.enabled()
                        ? cron.map(expression -> next(expression, zone, now)).orElse(List.of())
                        : List.of(),
                Optional.ofNullable(status.outcomes().get(schedule.id())).map(ScheduleLines::last),
                status.open().stream()
                        .filter(job -> job.scheduleId().equals(Optional.of(schedule.id())))
                        .map(job -> new SchedulesScreen.Running(job.id(), StateWords.of(job)))
                        .findFirst(),
                schedule.tags(),
                repository,
                withheld.isPresent(),
                retained);
    }

    /** The next due times of an expression. */
    static List<Instant> next(CronExpression cron, ZoneId zone, Instant now) {
        var times = new ArrayList<Instant>();
        for (var next = cron.next(now, zone);
                next.isPresent() && times.size() < NEXT;
                next = cron.next(next.get(), zone)) {
            times.add(next.get());
        }
        return times;
    }

    private static String what(Schedule schedule) {
        return switch (schedule.kind()) {
            case BACKUP -> schedule.retention().isEmpty() ? "" : RetentionWords.of(schedule.retention());
            case FORGET -> RetentionWords.of(schedule.retention());
            case PRUNE -> "deletes data that no snapshot uses";
            case CHECK -> "verifies the repository";
            case STATS -> "measures the repository, and lists its keys";
            case COPY ->
                "copies new snapshots to another repository"
                        + (schedule.retention().isEmpty()
                                ? ""
                                : "; " + RetentionWords.of(schedule.retention()) + " there");
            case DRILL -> "restores a sample, compares it, and removes it again";
            case INIT, UNLOCK, SNAPSHOTS, PROBE, REPAIR_INDEX, REPAIR_SNAPSHOTS, ROTATE_KEY, RESTORE ->
                ""; // never of a schedule
        };
    }

    private static SchedulesScreen.Last last(JobSummary job) {
        return new SchedulesScreen.Last(
                job.id(),
                job.status(),
                job.finishedAt().orElse(job.at()),
                job.error().orElse(""));
    }
}
