package io.resticfleet.server.page.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.server.job.Acceptances;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.live.Look;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.text.ResticAccess;
import io.resticfleet.server.page.text.ShellWords;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The page of one job: progress, log, error and advice. */
public final class JobPages {

    private static final int MAX_LINES = 500;
    private static final Pattern CAUSE = Pattern.compile("\\bjob ([0-9A-HJKMNP-TV-Z]{26})\\b");

    private final LivePages livePages;
    private final Frames frames;
    private final Fleet fleet;
    private final Jobs jobs;
    private final JobLogs logs;
    private final JobLines lines;
    private final Repositories repositories;
    private final Acceptances acceptances;

    public JobPages(
            LivePages livePages,
            Frames frames,
            Fleet fleet,
            Jobs jobs,
            JobLogs logs,
            JobLines lines,
            Repositories repositories,
            Acceptances acceptances) {
        this.acceptances = acceptances;
        this.livePages = livePages;
        this.frames = frames;
        this.fleet = fleet;
        this.jobs = jobs;
        this.logs = logs;
        this.lines = lines;
        this.repositories = repositories;
    }

    public void install(Routes routes) {
        routes.page("/jobs/{job}", Access.USER, ctx -> livePages.show(ctx, look -> screen(ctx, look)));
    }

    private JobScreen screen(Context ctx, Look look) {
        var job = jobs.get(Requests.job(ctx));
        var line = lines.of(List.of(job)).get(0);
        var frame = frames.of(ctx, "activity", line.what() + " on " + line.host(), "/api/jobs/" + job.id());
        var viewer = frame.viewer();
        // Only a whole page contains log lines; requests for fragments get new lines by the tail.
        var log = look.wholePage() ? logs.last(job.id(), 0, MAX_LINES) : List.<LogLine>of();
        long after = look.after().orElse(0);
        var more = look.after().isPresent() ? logs.last(job.id(), after, MAX_LINES) : List.<LogLine>of();
        return new JobScreen(
                frame,
                new Fragment<>("job", "job/head.jte", head(job, line), viewer),
                new Fragment<>("command", "job/command.jte", new JobScreen.Command(command(job)), viewer),
                shown(log, 0, viewer),
                Optional.of(more).filter(lines -> !lines.isEmpty()).map(lines -> shown(lines, after, viewer)));
    }

    private JobScreen.Head head(Job job, JobLine line) {
        var host = "/hosts/" + job.hostId();
        var schedule = line.schedule().isEmpty()
                ? ""
                : host + "/schedules/" + job.scheduleId().orElseThrow();
        return new JobScreen.Head(
                job,
                line,
                schedule,
                jobs.progress(job),
                job.startedAt(),
                job.errorCode()
                        .map(code -> advice(job, code.code(), host, schedule))
                        .orElse(Advice.NONE),
                Outcome.of(job),
                acceptance(job, schedule),
                fleet.get(job.hostId()).presence() == Presence.ONLINE,
                JobScreen.Restoring.of(job));
    }

    /** With a link to the job that is the cause, if the error names one. */
    private static Advice advice(Job job, ErrorCode code, String host, String schedule) {
        var advice = Advice.of(job.kind(), code, host, schedule);
        var cause = CAUSE.matcher(job.error().orElse(""));
        if (code == ErrorCode.RETENTION_HELD && cause.find()) {
            return advice.withLink("/jobs/" + cause.group(1), "That run");
        }
        return code == ErrorCode.DAMAGED
                ? job.repositoryId()
                        .map(id -> advice.withLink("/repositories/" + id, "Repair it on the repository’s page"))
                        .orElse(advice)
                : advice;
    }

    private JobScreen.Acceptance acceptance(Job job, String schedule) {
        if (schedule.isEmpty() || !acceptances.accepted(job) && !acceptances.acceptable(job)) {
            return JobScreen.Acceptance.NONE;
        }
        if (acceptances.accepted(job)) {
            return JobScreen.Acceptance.ACCEPTED;
        }
        return acceptances.hasEffect(job) ? JobScreen.Acceptance.POSSIBLE : JobScreen.Acceptance.NONE;
    }

    /** @param lines the last ones after the line {@code after} */
    private static JobScreen.Log shown(List<LogLine> lines, long after, Viewer viewer) {
        return lines.isEmpty()
                ? new JobScreen.Log(lines, 0, 0, viewer)
                : new JobScreen.Log(
                        lines,
                        lines.get(lines.size() - 1).line(),
                        Math.max(0, lines.get(0).line() - after - 1),
                        viewer);
    }

    /** Of the repository that the job used; with the user name only if the host still uses it. */
    private String access(Job job) {
        var url = job.repositoryUrl().orElse("…");
        return repositories
                .find(job.hostId())
                .filter(present -> present.url().value().equals(url))
                .map(present -> String.join("\n", ResticAccess.exports(present.url(), present.username())) + "\n")
                .orElse("export RESTIC_REPOSITORY=" + ShellWords.quoted(url) + "\n");
    }

    private String command(Job job) {
        return logs.first(job.id()).stream()
                .map(LogLine::text)
                .flatMap(text -> ResticLine.of(text).stream())
                .findFirst()
                .map(line -> access(job) + line)
                .orElse("");
    }
}
