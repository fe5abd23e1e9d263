package io.resticfleet.server.page.schedule;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.retention.RetentionPlans;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Optional;

/** Shows which snapshots of a schedule a policy keeps, before it is saved. */
public final class CalendarPages {

    private final Html html;
    private final HostFrames frames;
    private final Schedules schedules;
    private final RetentionPlans plans;

    public CalendarPages(Html html, HostFrames frames, Schedules schedules, RetentionPlans plans) {
        this.html = html;
        this.frames = frames;
        this.schedules = schedules;
        this.plans = plans;
    }

    public void install(Routes routes) {
        routes.form("/hosts/{host}/schedules/{schedule}/calendar", Access.USER, this::show);
    }

    private void show(Context ctx) {
        var status = frames.status(ctx);
        var schedule = schedules.get(status.host().id(), Requests.schedule(ctx));
        var form = ScheduleForm.typed(JobKind.BACKUP, field -> Requests.field(ctx, field));
        var wrong = new ArrayList<Violation>();
        var policy = form.retention(wrong);
        wrong.addAll(policy.violations());
        var calendar = wrong.isEmpty()
                ? calendar(schedule.id(), policy, schedule.zone(status.host().zone()))
                : RetentionCalendar.refused(wrong.get(0).detail());
        var host = frames.of(ctx, status, "schedules", "");
        var screen =
                new CalendarScreen(host, calendar, host.frame().viewer(), host.path("schedules") + "/" + schedule.id());
        html.answer(ctx, ctx.header("HX-Request") == null ? screen.template() : "schedule/calendar-echo.jte", screen);
    }

    private RetentionCalendar calendar(ScheduleId id, RetentionPolicy policy, ZoneId zone) {
        return RetentionCalendar.of(plans.preview(Optional.empty(), Optional.of(id), Optional.of(policy)), zone);
    }
}
