package io.resticfleet.server.page.job;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Builds the lines of job lists, with the names of hosts and schedules. */
public final class JobLines {

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;

    public JobLines(Database db, Hosts hosts, Schedules schedules) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
    }

    /** Lines in the order of {@code jobs}. */
    public List<JobLine> of(List<Job> jobs) {
        return db.read(handle -> {
            var hostNames = hosts.names(handle, jobs.stream().map(Job::hostId).collect(Collectors.toSet()));
            var scheduleNames = schedules.names(
                    handle,
                    jobs.stream().flatMap(job -> job.scheduleId().stream()).collect(Collectors.toSet()));
            return jobs.stream()
                    .map(job -> line(
                            job,
                            hostNames.getOrDefault(job.hostId(), job.hostId().value()),
                            job.scheduleId()
                                    .map(id -> scheduleNames.getOrDefault(id, ""))
                                    .orElse("")))
                    .toList();
        });
    }

    /** As {@link #of(List)}, with the names that a status of the fleet knows, and without a query. */
    public static List<JobLine> of(List<Job> jobs, FleetStatus fleet) {
        return jobs.stream()
                .map(job -> {
                    var host = fleet.find(job.hostId());
                    return line(
                            job,
                            host.map(status -> status.host().name())
                                    .orElse(job.hostId().value()),
                            host.flatMap(status -> scheduleName(job, status)).orElse(""));
                })
                .toList();
    }

    private static Optional<String> scheduleName(Job job, HostStatus status) {
        return status.schedules().stream()
                .filter(schedule ->
                        job.scheduleId().filter(schedule.id()::equals).isPresent())
                .map(ScheduleBrief::name)
                .findFirst();
    }

    private static Optional<String> stopping(Job job) {
        return job.cancelRequestedBy().filter(by -> job.stopping()).map(by -> "cancelled by " + by);
    }

    private static Optional<String> waiting(Job job) {
        return job.waitingFor()
                .map(reason ->
                        reason + job.waitingSince().map(at -> ", since " + at).orElse(""));
    }

    private static JobLine line(Job job, String host, String schedule) {
        return new JobLine(
                job.id(),
                job.hostId(),
                host,
                job.kind(),
                schedule,
                job.trigger().word(),
                job.status(),
                StateWords.of(job),
                job.startedAt().or(job::dueAt).orElse(job.createdAt()),
                job.startedAt().flatMap(began -> job.finishedAt().map(ended -> Duration.between(began, ended))),
                job.error().or(() -> stopping(job)).or(() -> waiting(job)).orElse(""),
                job.dryRun());
    }
}
