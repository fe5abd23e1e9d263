package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.job.RepositoryOperations;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.frame.Toast;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Optional;

/** Targets of the buttons that look after a repository. */
final class RepositoryUpkeepPages {

    private static final String ONE = "/repositories/{repository}";

    private final Html html;
    private final RepositoryOperations operations;
    private final RepositoryFindings findings;

    RepositoryUpkeepPages(Html html, RepositoryOperations operations, RepositoryFindings findings) {
        this.html = html;
        this.operations = operations;
        this.findings = findings;
    }

    void install(Routes routes) {
        routes.form(ONE + "/jobs", Access.USER, this::run);
        routes.form(ONE + "/keys/{key}/expect", Access.USER, this::expect);
    }

    private void run(Context ctx) {
        var id = Requests.repository(ctx);
        var spec = spec(ctx, id);
        started(ctx, id, spec.kind(), operations.run(Actor.of(ctx), id, spec));
    }

    private JobSpec spec(Context ctx, RepositoryId id) {
        var kind = Requests.valid("kind", "invalid_kind", JobKind::of, Requests.field(ctx, "kind"));
        return switch (kind) {
            case CHECK -> new JobSpec.Check(Optional.empty(), part(id, Requests.field(ctx, "parts")));
            case PRUNE ->
                new JobSpec.Prune(
                        Optional.empty(),
                        Optional.empty(),
                        !Requests.field(ctx, "dry_run").isEmpty());
            case UNLOCK -> new JobSpec.Unlock(removesAll(ctx));
            case COPY ->
                new JobSpec.Copy(
                        Optional.empty(),
                        Requests.valid("to", "unknown_repository", RepositoryId::new, Requests.field(ctx, "to")));
            case STATS, REPAIR_INDEX, REPAIR_SNAPSHOTS, SNAPSHOTS -> JobSpec.once(kind);
            case BACKUP, FORGET, PROBE, INIT, ROTATE_KEY, RESTORE, DRILL ->
                throw Problem.invalid("invalid_kind", "a " + kind.word() + " is not run for a repository");
        };
    }

    private static boolean removesAll(Context ctx) {
        boolean all = !Requests.field(ctx, "remove_all").isEmpty();
        if (all && Requests.field(ctx, "confirmed").isEmpty()) {
            throw Problem.invalid(
                    "not_confirmed", "confirm that nothing uses the repository: jobs whose lock is removed can fail");
        }
        return all;
    }

    /** @param parts in how many the data is read; empty for none of it */
    private Optional<DataPart> part(RepositoryId id, String parts) {
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        if (!parts.matches("[1-9][0-9]?")) {
            throw Problem.invalid("invalid_share", "choose how much of the data is read");
        }
        return Optional.of(findings.nextPart(id, Integer.parseInt(parts)));
    }

    private void started(Context ctx, RepositoryId id, JobKind kind, JobId job) {
        if (ctx.header("HX-Request") != null) {
            html.answer(
                    ctx,
                    "frame/toast.jte",
                    Toast.done("Started: " + StateWords.of(kind) + ".", "/jobs/" + job, "Show job"));
        } else {
            Redirects.to(ctx, "/repositories/" + id);
        }
    }

    private void expect(Context ctx) {
        var id = Requests.repository(ctx);
        if (Requests.field(ctx, "confirmed").isEmpty()) {
            throw Problem.invalid("not_confirmed", "confirm that you know who added the key");
        }
        findings.expect(Actor.of(ctx), id, ctx.pathParam("key"));
        Redirects.saved(ctx, "/repositories/" + id);
    }
}
