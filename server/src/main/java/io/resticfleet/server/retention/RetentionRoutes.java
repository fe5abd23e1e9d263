package io.resticfleet.server.retention;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.schedule.RetentionBody;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.LargeAnswer;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The API of retention. */
public final class RetentionRoutes {

    private static final int MAX_SNAPSHOTS = 10_000;

    private final RetentionPlans plans;
    private final RetentionDecisions decisions;
    private final Copies copies;

    public RetentionRoutes(RetentionPlans plans, RetentionDecisions decisions, Copies copies) {
        this.copies = copies;
        this.plans = plans;
        this.decisions = decisions;
    }

    /**
     * A policy to try, on the snapshots of one schedule, or of each backup schedule of a host.
     *
     * @param retention that of the schedule if left out
     */
    record Preview(Optional<ScheduleId> scheduleId, Optional<HostId> hostId, Optional<RetentionBody> retention) {}

    /**
     * Snapshots, each of which counts for a schedule.
     *
     * @param scheduleId needed to adopt, not to confirm
     */
    record Chosen(Optional<ScheduleId> scheduleId, List<String> snapshotIds) {}

    /** How many snapshots changed. */
    record Counted(int snapshots) {}

    /** The moment from which on a host is not trusted. */
    record Since(Instant since) {}

    public void install(Routes routes) {
        routes.post(
                        "/api/retention/preview",
                        Access.USER,
                        "Which snapshots a policy keeps and why, which it removes, and whether it is held; nothing is changed",
                        this::preview)
                .scope(Scope.READ)
                .takes(Preview.class)
                .answers(200, RetentionPreview.class);
        routes.post(
                        "/api/hosts/{host}/schedules/{schedule}/retention/release",
                        Access.USER,
                        "Let retention of a schedule go on that was held",
                        this::release)
                .answers(204);
        routes.post(
                        "/api/repositories/{repository}/adopt",
                        Access.USER,
                        "Let snapshots that do not count do so for a schedule, each at its own time",
                        this::adopt)
                .takes(Chosen.class)
                .answers(200, Counted.class);
        routes.post(
                        "/api/repositories/{repository}/confirm",
                        Access.USER,
                        "Confirm snapshots that were made while their host was away, so that they count in full",
                        this::confirm)
                .takes(Chosen.class)
                .answers(200, Counted.class);
        routes.put(
                        "/api/hosts/{host}/not-trusted",
                        Access.USER,
                        "Let nothing count that a host has made since a moment, and hold its retention",
                        this::distrust)
                .takes(Since.class)
                .answers(204);
        routes.get(
                        "/api/repositories/{repository}/copies",
                        Access.USER,
                        "The copy schedules from and to a repository, and whether they have copied everything",
                        ctx -> ctx.json(new Page<>(copies.of(Requests.repository(ctx)), Optional.empty())))
                .answersPageOf(CopyView.class);
        routes.delete("/api/hosts/{host}/not-trusted", Access.USER, "Trust a host again", this::trust)
                .answers(204);
    }

    private void preview(Context ctx) {
        var body = Requests.body(ctx, Preview.class);
        if (body.scheduleId().isPresent() == body.hostId().isPresent()) {
            throw Problem.invalid(
                    List.of(new Violation("schedule_id", "required", "either schedule_id or host_id is needed")));
        }
        var policy = body.retention().map(RetentionBody::policy);
        var wrong = policy.map(RetentionPolicy::violations).orElse(List.of());
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
        LargeAnswer.json(ctx, plans.preview(body.hostId(), body.scheduleId(), policy));
    }

    private void release(Context ctx) {
        decisions.release(Actor.of(ctx), Requests.host(ctx), Requests.schedule(ctx));
        ctx.status(204);
    }

    private void adopt(Context ctx) {
        var body = chosen(ctx);
        var schedule = body.scheduleId()
                .orElseThrow(() -> Problem.invalid(List.of(new Violation(
                        "schedule_id", "required", "name the schedule that the snapshots are to count for"))));
        ctx.json(new Counted(decisions.adopt(Actor.of(ctx), Requests.repository(ctx), schedule, body.snapshotIds())));
    }

    private void confirm(Context ctx) {
        ctx.json(new Counted(decisions.confirm(
                Actor.of(ctx), Requests.repository(ctx), chosen(ctx).snapshotIds())));
    }

    private static Chosen chosen(Context ctx) {
        var body = Requests.body(ctx, Chosen.class);
        if (body.snapshotIds().size() > MAX_SNAPSHOTS) {
            throw Problem.invalid(List.of(
                    new Violation("snapshot_ids", "too_many", "at most " + MAX_SNAPSHOTS + " snapshots at once")));
        }
        return body;
    }

    private void distrust(Context ctx) {
        decisions.distrust(
                Actor.of(ctx),
                Requests.host(ctx),
                Requests.body(ctx, Since.class).since());
        ctx.status(204);
    }

    private void trust(Context ctx) {
        decisions.trust(Actor.of(ctx), Requests.host(ctx));
        ctx.status(204);
    }
}
