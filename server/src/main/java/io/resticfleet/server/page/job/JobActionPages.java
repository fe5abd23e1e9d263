package io.resticfleet.server.page.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.job.Acceptances;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.frame.Toast;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;

/** Targets of the buttons that start and cancel jobs. */
public final class JobActionPages {

    private final Html html;
    private final Dispatcher dispatcher;
    private final Jobs jobs;
    private final Acceptances acceptances;
    private final JobLines lines;

    public JobActionPages(Html html, Dispatcher dispatcher, Jobs jobs, Acceptances acceptances, JobLines lines) {
        this.acceptances = acceptances;
        this.html = html;
        this.dispatcher = dispatcher;
        this.jobs = jobs;
        this.lines = lines;
    }

    public void install(Routes routes) {
        routes.form("/hosts/{host}/run", Access.USER, this::runHost);
        routes.form("/hosts/{host}/schedules/{schedule}/run", Access.USER, this::runSchedule);
        routes.form("/hosts/{host}/once", Access.USER, this::runOnce);
        routes.form("/hosts/{host}/remove-all-locks", Access.USER, this::removeAllLocks);
        routes.form("/jobs/{job}/cancel", Access.USER, this::cancel);
        routes.form("/jobs/{job}/accept", Access.USER, this::accept);
    }

    private void runHost(Context ctx) {
        try {
            started(ctx, dispatcher.runHost(Actor.of(ctx), Requests.host(ctx)));
        } catch (Problem e) {
            if (!e.code().equals("pick_schedule") || ctx.header("HX-Request") == null) {
                throw e;
            }
            var schedules = "/hosts/" + Requests.host(ctx) + "/schedules";
            ctx.status(e.status());
            html.answer(
                    ctx, "frame/toast.jte", new Toast("bad", "Choose the schedule to run:", schedules, "Schedules"));
        }
    }

    private void runSchedule(Context ctx) {
        started(ctx, dispatcher.runSchedule(Actor.of(ctx), Requests.host(ctx), Requests.schedule(ctx)));
    }

    private void runOnce(Context ctx) {
        var kind = Requests.valid("kind", "invalid_kind", JobKind::of, Requests.field(ctx, "kind"));
        started(ctx, dispatcher.runOnce(Actor.of(ctx), Requests.host(ctx), kind));
    }

    private void removeAllLocks(Context ctx) {
        if (Requests.field(ctx, "confirmed").isEmpty()) {
            throw Problem.invalid(
                    "not_confirmed", "confirm that nothing uses the repository: jobs whose lock is removed can fail");
        }
        started(ctx, dispatcher.removeAllLocks(Actor.of(ctx), Requests.host(ctx)));
    }

    private void cancel(Context ctx) {
        dispatcher.cancel(Actor.of(ctx), Requests.job(ctx));
        done(ctx, Toast.done("Cancel requested.", "", ""), "/jobs/" + Requests.job(ctx));
    }

    private void accept(Context ctx) {
        var job = jobs.get(Requests.job(ctx));
        var scheduleId = job.scheduleId().orElseThrow(() -> Problem.notFound("a schedule of job " + job.id()));
        acceptances.accept(Actor.of(ctx), job.hostId(), scheduleId, job.id());
        done(
                ctx,
                Toast.done("Accepted. Old snapshots are removed again after the next backup.", "", ""),
                "/jobs/" + job.id());
    }

    private void started(Context ctx, JobId jobId) {
        var what = lines.of(List.of(jobs.get(jobId))).get(0).what();
        done(ctx, Toast.done("Started: " + what + ".", "/jobs/" + jobId, "Show job"), "/jobs/" + jobId);
    }

    private void done(Context ctx, Toast toast, String page) {
        if (ctx.header("HX-Request") != null) {
            html.answer(ctx, "frame/toast.jte", toast);
        } else {
            Redirects.to(ctx, page);
        }
    }
}
