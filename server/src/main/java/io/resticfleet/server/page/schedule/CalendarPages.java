package io.resticfleet.server.page.schedule;

import io.javalin.http.Context;
import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Id;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.retention.RetentionPlans;
import io.resticfleet.server.retention.RetentionProjection;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.BiFunction;

/** Shows which snapshots of a schedule a policy keeps, before it is saved. */
public final class CalendarPages {

    private final Html html;
    private final HostFrames frames;
    private final Schedules schedules;
    private final RetentionPlans plans;
    private final InstantSource clock;

    public CalendarPages(Html html, HostFrames frames, Schedules schedules, RetentionPlans plans, InstantSource clock) {
        this.clock = clock;
        this.html = html;
        this.frames = frames;
        this.schedules = schedules;
        this.plans = plans;
    }

    /** The path of one that is not saved precedes that of one schedule. */
    public void install(Routes routes) {
        routes.form("/hosts/{host}/schedules/calendar", Access.USER, this::unsaved);
        routes.form("/hosts/{host}/schedules/{schedule}/calendar", Access.USER, this::saved);
    }

    private void saved(Context ctx) {
        var status = frames.status(ctx);
        var schedule = schedules.get(status.host().id(), Requests.schedule(ctx));
        show(
                ctx,
                status,
                JobKind.BACKUP,
                (form, policy) -> RetentionCalendar.of(
                        plans.preview(Optional.empty(), Optional.of(schedule.id()), Optional.of(policy)),
                        schedule.zone(status.host().zone()),
                        RetentionCalendar.Of.SCHEDULE),
                "/" + schedule.id());
    }

    /** Of a forget, saved or not, the snapshots that it would be about; of a backup, those that there would be. */
    private void unsaved(Context ctx) {
        var status = frames.status(ctx);
        var kind = Requests.field(ctx, "kind").equals(JobKind.FORGET.word()) ? JobKind.FORGET : JobKind.BACKUP;
        show(
                ctx,
                status,
                kind,
                (form, policy) ->
                        kind == JobKind.FORGET ? forget(status, form, policy) : projection(status, form, policy),
                "");
    }

    private RetentionCalendar forget(HostStatus status, ScheduleForm form, RetentionPolicy policy) {
        var repository =
                Optional.of(form.get("repository_id")).filter(Id::matches).map(RepositoryId::new);
        return RetentionCalendar.of(
                plans.preview(status.host().id(), repository, policy),
                status.host().zone(),
                RetentionCalendar.Of.HOST);
    }

    private RetentionCalendar projection(HostStatus status, ScheduleForm form, RetentionPolicy policy) {
        if (form.on("manual") || form.get("cron").isBlank() || policy.isEmpty()) {
            return RetentionCalendar.refused("");
        }
        try {
            var zone = form.get("time_zone").isBlank()
                    ? status.host().zone()
                    : ZoneId.of(form.get("time_zone").strip());
            return RetentionCalendar.of(
                    RetentionProjection.of(policy, CronExpression.parse(form.get("cron")), zone, clock.instant()),
                    zone);
        } catch (IllegalArgumentException | DateTimeException e) { // the form says so beside the field
            return RetentionCalendar.refused("");
        }
    }

    private void show(
            Context ctx,
            HostStatus status,
            JobKind kind,
            BiFunction<ScheduleForm, RetentionPolicy, RetentionCalendar> calendar,
            String below) {
        var form = ScheduleForm.typed(kind, field -> Requests.field(ctx, field));
        var wrong = new ArrayList<Violation>();
        var policy = form.retention(wrong);
        wrong.addAll(policy.violations());
        var shown = wrong.isEmpty()
                ? calendar.apply(form, policy)
                : RetentionCalendar.refused(wrong.get(0).detail());
        var host = frames.of(ctx, status, "schedules", "");
        var screen = new CalendarScreen(host, shown, host.frame().viewer(), host.path("schedules") + below);
        html.answer(ctx, ctx.header("HX-Request") == null ? screen.template() : "schedule/calendar-echo.jte", screen);
    }
}
