package io.resticfleet.server.page.files;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Release;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.restore.Restores;
import io.resticfleet.server.snapshot.LocatedSnapshot;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The form that restores files of a snapshot. */
final class RestorePages {

    private static final String RESTORE = "/snapshots/{snapshot}/restore";

    private final Html html;
    private final SnapshotFrames frames;
    private final Jobs jobs;
    private final Restores restores;
    private final Baskets baskets;

    RestorePages(Html html, SnapshotFrames frames, Jobs jobs, Restores restores, Baskets baskets) {
        this.html = html;
        this.frames = frames;
        this.jobs = jobs;
        this.restores = restores;
        this.baskets = baskets;
    }

    void install(Routes routes) {
        routes.page(RESTORE, Access.USER, this::show);
        routes.form(RESTORE, Access.USER, this::restore);
    }

    /** Of the paths in the query, or of a job that is to be run again, or else of those chosen. */
    private void show(Context ctx) {
        var located = frames.located(ctx);
        var again = Requests.query(ctx, "job")
                .map(id -> Requests.valid("job", "invalid_id", JobId::new, id))
                .map(jobs::get);
        var form = again.flatMap(job -> form(job, located)).orElseGet(() -> {
            var named = PathFields.queries(ctx);
            return RestoreForm.of(named.isEmpty() ? chosen(ctx, located).paths() : named, host(located));
        });
        answer(ctx, located, form, Map.of(), "");
    }

    private static Optional<RestoreForm> form(Job job, LocatedSnapshot located) {
        return job.restore()
                .filter(restore ->
                        restore.snapshotId().equals(located.snapshot().id()))
                .map(restore -> RestoreForm.of(restore, job.hostId()));
    }

    private Chosen chosen(Context ctx, LocatedSnapshot located) {
        return baskets.of(Caller.of(ctx).userId(), located.snapshot().id());
    }

    /** The machine that made it; if there is none, the first that is connected. */
    private String host(LocatedSnapshot located) {
        return frames.maker(located)
                .or(() -> frames.users(located).stream()
                        .min(Comparator.comparing(user -> user.presence() != Presence.ONLINE)))
                .map(user -> user.host().id().value())
                .orElse("");
    }

    private void restore(Context ctx) {
        var located = frames.located(ctx);
        var form = new RestoreForm(
                PathFields.form(ctx),
                Requests.field(ctx, "host"),
                Requests.field(ctx, "target"),
                Requests.field(ctx, "folder").strip(),
                Requests.field(ctx, "overwrite"),
                !Requests.field(ctx, "delete").isEmpty(),
                !Requests.field(ctx, "ownership_by_name").isEmpty(),
                !Requests.field(ctx, "dry_run").isEmpty());
        var userId = Caller.of(ctx).userId();
        try {
            var hostId = form.hostId();
            var restore = form.restore(located.snapshot().id());
            if (!Requests.field(ctx, "waiting").isEmpty() && !restores.isAllowed(userId, hostId, located, restore)) {
                ctx.status(204);
                return;
            }
            var started = restores.start(Actor.of(ctx), userId, hostId, located, restore);
            if (!form.dryRun()) {
                baskets.remove(userId, located.snapshot().id(), form.paths());
            }
            Redirects.to(ctx, "/jobs/" + started.jobId());
        } catch (Problem e) {
            ctx.status(e.status());
            answer(ctx, located, form, wrong(e), e.approveCode().orElse(""));
        }
    }

    private static Map<String, String> wrong(Problem problem) {
        if (problem.approveCode().isPresent()) {
            return Map.of();
        }
        return problem.errors().isEmpty()
                ? Map.of("form", problem.getMessage() + ".")
                : problem.errors().stream()
                        .collect(Collectors.toMap(Violation::field, Violation::detail, (first, second) -> first));
    }

    private void answer(
            Context ctx, LocatedSnapshot located, RestoreForm form, Map<String, String> wrong, String approval) {
        var maker = frames.maker(located).map(status -> status.host().id());
        html.answer(
                ctx,
                "files/restore.jte",
                new RestoreScreen(
                        frames.of(ctx, located, "restore", "Restore", ""),
                        form,
                        form.paths().stream().map(RestorePages::path).toList(),
                        form.paths().equals(chosen(ctx, located).paths()),
                        frames.users(located).stream()
                                .map(user -> machine(user, maker))
                                .sorted(Comparator.comparing(machine -> !machine.maker()))
                                .toList(),
                        wrong,
                        approval));
    }

    private static RestoreScreen.Path path(SnapshotPath path) {
        return new RestoreScreen.Path(FileWords.readable(path.path()), PathField.of(path));
    }

    private static RestoreScreen.Machine machine(HostStatus status, Optional<HostId> maker) {
        var host = status.host();
        return new RestoreScreen.Machine(
                host.id().value(),
                host.name(),
                status.presence() == Presence.ONLINE,
                maker.equals(Optional.of(host.id())),
                lacks(host.resticVersion()));
    }

    /** What the restic of a machine cannot do. */
    private static String lacks(Optional<String> version) {
        if (version.isEmpty()) {
            return "has no restic";
        }
        if (Release.isNewer(Restores.ANY_PLACE_SINCE, version.get())) {
            return "has restic " + version.get() + ": to a new directory only";
        }
        return Release.isNewer(Restores.OWNERSHIP_SINCE, version.get())
                ? "has restic " + version.get() + ": owners by number only"
                : "";
    }
}
