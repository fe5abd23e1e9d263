package io.resticfleet.server.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Routes for jobs. */
public final class JobRoutes {

    private final Jobs jobs;
    private final Dispatcher dispatcher;
    private final JobLogs logs;
    private final JobStream stream;
    private final Acceptances acceptances;

    public JobRoutes(Jobs jobs, Dispatcher dispatcher, JobLogs logs, JobStream stream, Acceptances acceptances) {
        this.acceptances = acceptances;
        this.jobs = jobs;
        this.dispatcher = dispatcher;
        this.logs = logs;
        this.stream = stream;
    }

    /**
     * An accepted job.
     *
     * @param scheduleId the schedule that runs; absent for one-shots
     */
    record Accepted(JobId jobId, Optional<ScheduleId> scheduleId) {}

    /** A run that was meant as it is. */
    record Accept(JobId jobId) {}

    /**
     * @param kind see {@link JobKind#oneShot}
     * @param removeAll for an unlock: also locks in use; false if left out
     */
    record OneShot(String kind, Optional<Boolean> removeAll) {}

    public void install(Routes routes) {
        routes.post("/api/hosts/{host}/run", Access.USER, "Run the host's backup now", this::runHost)
                .scope(Scope.RUN)
                .answers(202, Accepted.class);
        routes.post("/api/hosts/{host}/schedules/{schedule}/run", Access.USER, "Run a schedule now", this::runSchedule)
                .scope(Scope.RUN)
                .answers(202, Accepted.class);
        routes.post(
                        "/api/hosts/{host}/schedules/{schedule}/accept",
                        Access.USER,
                        "Accept a backup that is partial as its source is empty or has shrunk: it was meant, and"
                                + " retention goes on",
                        this::accept)
                .takes(Accept.class)
                .answers(200, Schedule.class);
        routes.post(
                        "/api/hosts/{host}/jobs",
                        Access.USER,
                        "Run an operation once: init, unlock, check, prune, snapshots; remove_all makes an unlock remove locks in use."
                                + " A check or prune runs the host's schedule of that kind with hooks, if there is exactly one",
                        this::runOnce)
                .scope(Scope.RUN)
                .takes(OneShot.class)
                .answers(202, Accepted.class);
        routes.get("/api/jobs", Access.USER, "Jobs, newest first", this::list)
                .queries(
                        Query.text("host"),
                        Query.oneOf("kind", words(JobKind.values(), JobKind::word)),
                        Query.oneOf("status", words(JobStatus.values(), JobStatus::word)),
                        Query.text("repository"))
                .answersPageOf(JobView.class);
        routes.get("/api/jobs/{job}", Access.USER, "One job", ctx -> ctx.json(view(jobs.get(Requests.job(ctx)))))
                .answers(200, JobView.class);
        routes.get("/api/jobs/{job}/log", Access.USER, "A job's log; format is text or ndjson", this::log)
                .queries(Query.oneOf("format", List.of("text", "ndjson")))
                .answers(200, "text/plain", "application/x-ndjson");
        routes.get(
                        "/api/jobs/{job}/events",
                        Access.USER,
                        "A job's log, progress and status while it runs, as server-sent events; the last one is end, stopping if the"
                                + " server stops, or gone if the host is deleted",
                        ctx -> stream.run(ctx, Requests.job(ctx)))
                .answers(200, "text/event-stream");
        routes.post("/api/jobs/{job}/cancel", Access.USER, "Cancel a job", this::cancel)
                .scope(Scope.RUN)
                .answers(202, JobView.class);
    }

    private void runHost(Context ctx) {
        accepted(ctx, dispatcher.runHost(Actor.of(ctx), Requests.host(ctx)));
    }

    private void runSchedule(Context ctx) {
        accepted(ctx, dispatcher.runSchedule(Actor.of(ctx), Requests.host(ctx), Requests.schedule(ctx)));
    }

    private void accept(Context ctx) {
        var jobId = Requests.body(ctx, Accept.class).jobId();
        ctx.json(acceptances.accept(Actor.of(ctx), Requests.host(ctx), Requests.schedule(ctx), jobId));
    }

    private void runOnce(Context ctx) {
        var body = Requests.body(ctx, OneShot.class);
        var kind = Requests.valid("kind", "invalid_kind", JobKind::of, body.kind());
        boolean all = body.removeAll().orElse(false);
        if (all && kind != JobKind.UNLOCK) {
            throw Problem.invalid(
                    List.of(new Violation("remove_all", "not_allowed", "only an unlock can have remove_all")));
        }
        accepted(
                ctx,
                all
                        ? dispatcher.removeAllLocks(Actor.of(ctx), Requests.host(ctx))
                        : dispatcher.runOnce(Actor.of(ctx), Requests.host(ctx), kind));
    }

    private void accepted(Context ctx, JobId id) {
        ctx.status(202).json(new Accepted(id, jobs.get(id).scheduleId()));
    }

    private void list(Context ctx) {
        var filter = new JobFilter(
                Requests.query(ctx, "host"),
                Requests.query(ctx, "kind").map(word -> Requests.valid("kind", "invalid_kind", JobKind::of, word)),
                Requests.query(ctx, "status")
                        .map(word -> Requests.valid("status", "invalid_status", JobStatus::of, word)),
                Requests.query(ctx, "repository"));
        var page = jobs.list(filter, Page.Request.of(ctx));
        ctx.json(new Page<>(page.items().stream().map(this::view).toList(), page.nextCursor()));
    }

    private void log(Context ctx) {
        var id = jobs.get(Requests.job(ctx)).id();
        var format = Requests.query(ctx, "format").orElse("text");
        switch (format) {
            case "text" -> send(ctx, "text/plain; charset=utf-8", id, line -> line.at() + " " + line.text());
            case "ndjson" -> send(ctx, "application/x-ndjson", id, JobLogs::write);
            default -> throw Problem.invalid("invalid_format", "format must be text or ndjson but is '" + format + "'");
        }
    }

    /** Sends a log as it is read. */
    private void send(Context ctx, String type, JobId id, Function<LogLine, String> text) {
        ctx.contentType(type);
        try (var out = new OutputStreamWriter(ctx.outputStream(), StandardCharsets.UTF_8)) {
            logs.read(id, 0, line -> out.append(text.apply(line)).append('\n'));
        } catch (IOException e) {
            // the reader disconnected
        }
    }

    private void cancel(Context ctx) {
        dispatcher.cancel(Actor.of(ctx), Requests.job(ctx));
        ctx.status(202).json(view(jobs.get(Requests.job(ctx))));
    }

    private JobView view(Job job) {
        return new JobView(
                job,
                job.status() == JobStatus.RUNNING ? jobs.progress(job).map(JobView.Progress::of) : Optional.empty());
    }

    private static <E> List<String> words(E[] all, Function<E, String> word) {
        return Stream.of(all).map(word).toList();
    }
}
