package io.resticfleet.server.page.schedule;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.text.RetentionWords;
import io.resticfleet.server.retention.RetentionDecisions;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Retention of a schedule, and what only an operator can decide about it. */
public final class ScheduleRetentionPages {

    private static final String PATH = "/hosts/{host}/schedules/{schedule}/retention";

    private final LivePages livePages;
    private final HostFrames frames;
    private final Schedules schedules;
    private final RetentionOverview overview;
    private final RetentionDecisions decisions;

    public ScheduleRetentionPages(
            LivePages livePages,
            HostFrames frames,
            Schedules schedules,
            RetentionOverview overview,
            RetentionDecisions decisions) {
        this.livePages = livePages;
        this.frames = frames;
        this.schedules = schedules;
        this.overview = overview;
        this.decisions = decisions;
    }

    public void install(Routes routes) {
        routes.page(PATH, Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
        routes.form(PATH + "/release", Access.USER, this::release);
        routes.form(PATH + "/confirm", Access.USER, this::confirm);
        routes.form(PATH + "/adopt", Access.USER, this::adopt);
    }

    private ScheduleRetentionScreen look(Context ctx) {
        var status = frames.status(ctx);
        var schedule = schedules.get(status.host().id(), Requests.schedule(ctx));
        return new ScheduleRetentionScreen(
                frames.of(ctx, status, "schedules", ""),
                schedule.id(),
                schedule.name(),
                RetentionWords.of(schedule.retention()),
                overview.of(status.host().id(), schedule.id()));
    }

    private void release(Context ctx) {
        if (Requests.field(ctx, "confirmed").isEmpty()) {
            throw Problem.invalid("not_confirmed", "confirm that you have looked at what is removed");
        }
        var hostId = Requests.host(ctx);
        var scheduleId = Requests.schedule(ctx);
        decisions.release(Actor.of(ctx), hostId, scheduleId);
        saved(ctx, hostId, scheduleId);
    }

    private void confirm(Context ctx) {
        var hostId = Requests.host(ctx);
        var scheduleId = Requests.schedule(ctx);
        decisions.confirm(Actor.of(ctx), repository(hostId, scheduleId), Requests.fields(ctx, "snapshot"));
        saved(ctx, hostId, scheduleId);
    }

    private void adopt(Context ctx) {
        var hostId = Requests.host(ctx);
        var scheduleId = Requests.schedule(ctx);
        decisions.adopt(Actor.of(ctx), repository(hostId, scheduleId), scheduleId, Requests.fields(ctx, "snapshot"));
        saved(ctx, hostId, scheduleId);
    }

    private RepositoryId repository(HostId hostId, ScheduleId scheduleId) {
        return overview.of(hostId, scheduleId)
                .repositoryId()
                .orElseThrow(() -> Problem.notFound("repository of schedule " + scheduleId));
    }

    private void saved(Context ctx, HostId hostId, ScheduleId scheduleId) {
        overview.of(hostId, scheduleId); // no page shows it as waiting any longer
        Redirects.saved(ctx, "/hosts/" + hostId + "/schedules/" + scheduleId + "/retention");
    }
}
