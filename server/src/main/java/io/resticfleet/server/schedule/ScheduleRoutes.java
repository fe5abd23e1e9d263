package io.resticfleet.server.schedule;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.javalin.http.Context;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;

/** Routes for schedules: reads requests and writes answers; {@link Schedules} decides. */
public final class ScheduleRoutes {

    private static final String ALL = "/api/hosts/{host}/schedules";
    private static final String ONE = ALL + "/{schedule}";

    private final Schedules schedules;
    private final ScheduleWarnings warnings;

    public ScheduleRoutes(Schedules schedules, ScheduleWarnings warnings) {
        this.schedules = schedules;
        this.warnings = warnings;
    }

    /**
     * A schedule as saved.
     *
     * @param warnings sentences about what will go wrong; left out if nothing will
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Saved(@JsonUnwrapped Schedule schedule, List<String> warnings) {}

    public void install(Routes routes) {
        routes.get(ALL, Access.USER, "A host's schedules, with their version", this::list)
                .answers(200, Schedules.Envelope.class);
        routes.post(ALL, Access.USER, "Add a schedule", this::create)
                .takes(ScheduleBody.class)
                .answers(201, Saved.class);
        routes.get(
                        ONE,
                        Access.USER,
                        "One schedule",
                        ctx -> ctx.json(schedules.get(Requests.host(ctx), Requests.schedule(ctx))))
                .answers(200, Schedule.class);
        routes.put(ONE, Access.USER, "Replace a schedule; its kind cannot change", this::update)
                .takes(ScheduleBody.class)
                .answers(200, Saved.class);
        routes.delete(ONE, Access.USER, "Delete a schedule; its snapshots stay", this::delete)
                .answers(204);
    }

    private void list(Context ctx) {
        ctx.json(schedules.list(Requests.host(ctx)));
    }

    private void create(Context ctx) {
        var body = Requests.body(ctx, ScheduleBody.class);
        var created = schedules.create(
                Actor.of(ctx), Requests.host(ctx), body.naming(), id -> body.toSchedule(id, body.parsedKind()));
        ctx.status(201).json(saved(ctx, created));
    }

    private void update(Context ctx) {
        var body = Requests.body(ctx, ScheduleBody.class);
        var before = schedules.get(Requests.host(ctx), Requests.schedule(ctx));
        body.kind().filter(kind -> !kind.equals(before.kind().word())).ifPresent(kind -> {
            throw Schedules.kindImmutable(before.kind(), kind);
        });
        var wanted = body.toSchedule(before.id(), before.kind());
        ctx.json(saved(
                ctx,
                schedules.update(Actor.of(ctx), Requests.host(ctx), before.id(), body.naming(), current -> wanted)));
    }

    private Saved saved(Context ctx, Schedule schedule) {
        return new Saved(
                schedule,
                warnings.of(
                        Requests.host(ctx), schedule.kind(), schedule.hooks(), schedule.paths(), schedule.excludes()));
    }

    private void delete(Context ctx) {
        schedules.delete(Actor.of(ctx), Requests.host(ctx), Requests.schedule(ctx));
        ctx.status(204);
    }
}
