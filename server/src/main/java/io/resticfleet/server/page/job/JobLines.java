package io.resticfleet.server.page.job;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.util.List;
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
                            hostNames.getOrDefault(job.hostId(), job.hostId()),
                            job.scheduleId()
                                    .map(id -> scheduleNames.getOrDefault(id, ""))
                                    .orElse("")))
                    .toList();
        });
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
                job.startedAt().or(job::dueAt).orElse(job.createdAt()),
                job.startedAt().flatMap(began -> job.finishedAt().map(ended -> Duration.between(began, ended))),
                job.error().or(job::waitingFor).orElse(""));
    }
}
