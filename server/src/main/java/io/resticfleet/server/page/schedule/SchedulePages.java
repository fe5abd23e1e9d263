package io.resticfleet.server.page.schedule;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.frame.Toast;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.text.PolicyWords;
import io.resticfleet.server.page.text.RetentionWords;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.schedule.Naming;
import io.resticfleet.server.schedule.ScheduleWarnings;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A host's schedules: the list, the form, and the form's preview while the user types. */
public final class SchedulePages {

    private static final String LIST = "/hosts/{host}/schedules";
    private static final String ONE = LIST + "/{schedule}";

    private final Html html;
    private final LivePages livePages;
    private final HostFrames frames;
    private final Schedules schedules;
    private final HostPolicies policies;
    private final ScheduleWarnings warnings;
    private final ScheduleRepositories repositories;
    private final RetentionOverview retention;

    public SchedulePages(
            Html html,
            LivePages livePages,
            HostFrames frames,
            Schedules schedules,
            HostPolicies policies,
            ScheduleWarnings warnings,
            ScheduleRepositories repositories,
            RetentionOverview retention) {
        this.retention = retention;
        this.repositories = repositories;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.schedules = schedules;
        this.policies = policies;
        this.warnings = warnings;
    }

    public void install(Routes routes) {
        routes.page(LIST, Access.USER, ctx -> livePages.show(ctx, look -> list(ctx)));
        routes.page(LIST + "/new", Access.USER, ctx -> livePages.show(ctx, look -> fresh(ctx)));
        routes.form(LIST + "/new", Access.USER, this::create);
        routes.page(LIST + "/echo", Access.USER, this::preview);
        routes.page(ONE, Access.USER, ctx -> livePages.show(ctx, look -> saved(ctx)));
        routes.form(ONE, Access.USER, this::update);
        routes.form(ONE + "/enable", Access.USER, ctx -> change(ctx, before -> before.withEnabled(true)));
        routes.form(ONE + "/disable", Access.USER, ctx -> change(ctx, before -> before.withEnabled(false)));
        routes.form(ONE + "/delete", Access.USER, this::delete);
    }

    private SchedulesScreen list(Context ctx) {
        var status = frames.status(ctx);
        var host = frames.of(ctx, status, "schedules", "/schedules");
        var viewer = host.frame().viewer();
        var all = schedules.list(host.hostId()).schedules();
        var counts = retention.counts(all.stream().map(Schedule::id).toList()).stream()
                .collect(Collectors.toMap(RetentionOverview.Counts::scheduleId, found -> found));
        var used = repositories.of(host.hostId());
        var lines = ScheduleLines.of(
                status,
                all,
                used,
                repositories.withheld(host.hostId(), all),
                id -> SchedulesScreen.Retained.of(retention.waits(id), Optional.ofNullable(counts.get(id))),
                viewer.now());
        var shown = new SchedulesScreen.Shown(host.hostId(), status.presence() == Presence.ONLINE, lines);
        return new SchedulesScreen(
                host, new Fragment<>("schedules", "schedule/list-fragment.jte", shown, viewer), used.size() > 1);
    }

    private ScheduleScreen fresh(Context ctx) {
        var kind = Requests.query(ctx, "kind")
                .flatMap(JobKind::find)
                .filter(JobKind::schedulable)
                .orElse(JobKind.BACKUP);
        return screen(ctx, frames.status(ctx), Optional.empty(), "", ScheduleForm.fresh(kind), Map.of());
    }

    private ScheduleScreen saved(Context ctx) {
        var status = frames.status(ctx);
        var schedule = schedules.get(status.host().id(), Requests.schedule(ctx));
        return screen(ctx, status, Optional.of(schedule.id()), schedule.name(), ScheduleForm.of(schedule), Map.of());
    }

    private void create(Context ctx) {
        var status = frames.status(ctx);
        var kind = JobKind.find(Requests.field(ctx, "kind"))
                .filter(JobKind::schedulable)
                .orElseThrow(() -> Problem.invalid("invalid_kind", "kind must be backup, forget, prune or check"));
        var form = ScheduleForm.typed(kind, field -> Requests.field(ctx, field));
        try {
            saved(
                    ctx,
                    status,
                    schedules.create(Actor.of(ctx), status.host().id(), Naming.REFUSE_TAKEN, form::toSchedule));
        } catch (Problem e) {
            refuse(ctx, e, status, Optional.empty(), "", form);
        }
    }

    private void update(Context ctx) {
        var status = frames.status(ctx);
        var saved = schedules.get(status.host().id(), Requests.schedule(ctx));
        var form = ScheduleForm.typed(saved.kind(), field -> Requests.field(ctx, field));
        try {
            var wanted = form.toSchedule(saved.id());
            var after = schedules.update(Actor.of(ctx), status.host().id(), saved.id(), Naming.REFUSE_TAKEN, before -> {
                if (!form.get("was").equals(ScheduleForm.checksum(before))) {
                    throw Problem.conflict(
                            "changed_meanwhile",
                            "somebody else changed this schedule after you opened it. Your input is kept below; saving"
                                    + " it again overwrites their change");
                }
                return wanted;
            });
            saved(ctx, status, after);
        } catch (Problem e) {
            refuse(ctx, e, status, Optional.of(saved.id()), saved.name(), form);
        }
    }

    /** To the list, or back to the form if it has warnings. */
    private void saved(Context ctx, HostStatus status, Schedule schedule) {
        var hostId = status.host().id();
        boolean warns = !warnings.of(hostId, schedule.kind(), schedule.hooks(), schedule.paths(), schedule.excludes())
                .isEmpty();
        Redirects.saved(ctx, "/hosts/" + hostId + "/schedules" + (warns ? "/" + schedule.id() : ""));
    }

    /** Shows the form again, with its input and the errors. */
    private void refuse(
            Context ctx, Problem problem, HostStatus status, Optional<ScheduleId> id, String name, ScheduleForm form) {
        if (problem.status() == 404) {
            throw problem;
        }
        var wrong = problem.errors().isEmpty()
                ? Map.of("form", problem.getMessage())
                : ScheduleForm.byField(problem.errors());
        var shown = problem.code().equals("changed_meanwhile")
                ? form.with(
                        "was", ScheduleForm.checksum(schedules.get(status.host().id(), id.orElseThrow())))
                : form;
        ctx.status(problem.status());
        var screen = screen(ctx, status, id, name, shown, wrong);
        html.answer(ctx, screen.template(), screen);
    }

    private void change(Context ctx, UnaryOperator<Schedule> change) {
        var changed = schedules.update(
                Actor.of(ctx), Requests.host(ctx), Requests.schedule(ctx), Naming.REFUSE_TAKEN, change);
        done(ctx, "Schedule " + changed.name() + (changed.enabled() ? " is enabled" : " is disabled"));
    }

    private void delete(Context ctx) {
        schedules.delete(Actor.of(ctx), Requests.host(ctx), Requests.schedule(ctx));
        Redirects.to(ctx, "/hosts/" + Requests.host(ctx) + "/schedules");
    }

    private void done(Context ctx, String words) {
        if (ctx.header("HX-Request") != null) {
            html.answer(ctx, "frame/toast.jte", Toast.done(words, "", ""));
        } else {
            Redirects.to(ctx, "/hosts/" + Requests.host(ctx) + "/schedules");
        }
    }

    /** Explains the input while the user types. */
    private void preview(Context ctx) {
        var status = frames.status(ctx);
        var form = ScheduleForm.typed(
                JobKind.BACKUP, field -> Requests.query(ctx, field).orElse(""));
        var viewer = frames.of(ctx, status, "schedules", "").frame().viewer();
        html.answer(
                ctx,
                "schedule/preview.jte",
                new Preview(
                        SchedulePreview.of(
                                form.get("cron"),
                                form.get("time_zone"),
                                status.host().zone(),
                                viewer),
                        retention(form)));
    }

    /** @param retention in words */
    record Preview(SchedulePreview when, String retention) {}

    private ScheduleScreen screen(
            Context ctx,
            HostStatus status,
            Optional<ScheduleId> id,
            String name,
            ScheduleForm form,
            Map<String, String> wrong) {
        var host = frames.of(
                ctx,
                status,
                "schedules",
                "/schedules" + id.map(known -> "/" + known).orElse(""));
        var when = SchedulePreview.of(
                form.get("cron"),
                form.get("time_zone"),
                status.host().zone(),
                host.frame().viewer());
        var hooks = policies.find(host.hostId())
                .map(PolicyWords::hint)
                .orElse("Commands that run on the machine before and after the backup, if its owner allows them.");
        return new ScheduleScreen(
                host,
                id,
                name,
                form,
                wrong,
                when,
                retention(form),
                zones(),
                hooks,
                repositories.of(host.hostId()),
                status.backups(),
                warnings.of(host.hostId(), form.kind(), form.hooks(), form.lines("paths"), form.lines("excludes")));
    }

    private static String retention(ScheduleForm form) {
        var wrong = new ArrayList<Violation>();
        var policy = form.retention(wrong);
        wrong.addAll(policy.violations());
        return wrong.isEmpty() ? RetentionWords.of(policy) : wrong.get(0).detail();
    }

    private static List<String> zones() {
        return ZoneId.getAvailableZoneIds().stream()
                .filter(zone -> zone.contains("/") && !zone.startsWith("SystemV/") && !zone.startsWith("Etc/"))
                .sorted()
                .toList();
    }
}
