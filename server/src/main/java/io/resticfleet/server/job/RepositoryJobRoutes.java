package io.resticfleet.server.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.UnusedLimit;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The API of operations on a repository, and of what they find. */
public final class RepositoryJobRoutes {

    private static final int MAX_DAYS = 365;

    private final RepositoryOperations operations;
    private final RepositoryFindings findings;

    public RepositoryJobRoutes(RepositoryOperations operations, RepositoryFindings findings) {
        this.operations = operations;
        this.findings = findings;
    }

    /** An accepted job. */
    record Started(JobId jobId) {}

    /**
     * An operation.
     *
     * @param readDataShare of a check: the share of the data to read, above 0 and at most 1; successive checks with the same
     *     share read different data, until all is read; no data if left out
     * @param maxUnused of a prune: unused data that may stay, such as 5% or 2G; restic's default if left out
     * @param dryRun of a prune: only measure what would be removed; false if left out
     * @param removeAll of an unlock: also remove locks in use; false if left out
     * @param to of a copy: the repository to copy to, which the same host uses
     * @param chunkerOf of an init: another repository of the host, so that data copied between the two is stored once
     */
    record Operation(
            String kind,
            Optional<Double> readDataShare,
            Optional<String> maxUnused,
            Optional<Boolean> dryRun,
            Optional<Boolean> removeAll,
            Optional<RepositoryId> to,
            Optional<RepositoryId> chunkerOf) {}

    public void install(Routes routes) {
        routes.post(
                        "/api/repositories/{repository}/jobs",
                        Access.USER,
                        "Run an operation: check, prune, unlock, stats, copy, repair_index, repair_snapshots, init or snapshots, on"
                                + " the maintainer, else on the first host of the repository",
                        this::run)
                .scope(Scope.RUN)
                .takes(Operation.class)
                .answers(202, Started.class);
        routes.get(
                        "/api/repositories/{repository}/stats",
                        Access.USER,
                        "Sizes of the repository, by day, oldest first; days is 1 to 365, by default 365",
                        this::stats)
                .queries(Query.text("days"))
                .answersPageOf(RepositoryFindings.Size.class);
        routes.get(
                        "/api/repositories/{repository}/keys",
                        Access.USER,
                        "Keys of the repository, as last listed; who added one that is not expected is not known",
                        ctx -> ctx.json(new Page<>(findings.keys(Requests.repository(ctx)), Optional.empty())))
                .answersPageOf(RepositoryFindings.Key.class);
        routes.post(
                        "/api/repositories/{repository}/keys/{key}/expect",
                        Access.USER,
                        "Record that a key was added on purpose",
                        this::expect)
                .answers(204);
    }

    private void run(Context ctx) {
        var id = Requests.repository(ctx);
        var spec = spec(id, Requests.body(ctx, Operation.class));
        ctx.status(202).json(new Started(operations.run(Actor.of(ctx), id, spec)));
    }

    private JobSpec spec(RepositoryId id, Operation body) {
        var kind = Requests.valid("kind", "invalid_kind", JobKind::of, body.kind());
        refuseOthers(kind, body);
        return switch (kind) {
            case CHECK ->
                new JobSpec.Check(
                        Optional.empty(), body.readDataShare().map(share -> findings.nextPart(id, parts(share))));
            case PRUNE ->
                new JobSpec.Prune(
                        Optional.empty(),
                        body.maxUnused()
                                .map(text ->
                                        Requests.valid("max_unused", "invalid_max_unused", UnusedLimit::new, text)),
                        body.dryRun().orElse(false));
            case UNLOCK -> new JobSpec.Unlock(body.removeAll().orElse(false));
            case COPY ->
                new JobSpec.Copy(
                        Optional.empty(),
                        body.to()
                                .filter(other -> !other.equals(id))
                                .orElseThrow(() -> Problem.invalid(List.of(new Violation(
                                        "to", "required", "a copy needs the id of another repository")))));
            case INIT -> new JobSpec.Init(body.chunkerOf());
            case STATS, REPAIR_INDEX, REPAIR_SNAPSHOTS, SNAPSHOTS -> JobSpec.once(kind);
            case BACKUP, FORGET, PROBE, ROTATE_KEY, RESTORE, DRILL ->
                throw Problem.invalid("invalid_kind", "a " + kind.word() + " is not run for a repository");
        };
    }

    private static int parts(double share) {
        if (!(share > 0 && share <= 1)) {
            throw Problem.invalid(List.of(new Violation(
                    "read_data_share",
                    "invalid_share",
                    "read_data_share must be above 0 and at most 1 but is " + share)));
        }
        return (int) Math.min(DataPart.MAX, Math.ceil(1 / share - 1e-9));
    }

    private static void refuseOthers(JobKind kind, Operation body) {
        var wrong = new ArrayList<Violation>();
        only(JobKind.CHECK, "read_data_share", body.readDataShare(), kind, wrong);
        only(JobKind.PRUNE, "max_unused", body.maxUnused(), kind, wrong);
        only(JobKind.PRUNE, "dry_run", body.dryRun(), kind, wrong);
        only(JobKind.UNLOCK, "remove_all", body.removeAll(), kind, wrong);
        only(JobKind.COPY, "to", body.to(), kind, wrong);
        only(JobKind.INIT, "chunker_of", body.chunkerOf(), kind, wrong);
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
    }

    private static void only(JobKind of, String field, Optional<?> given, JobKind kind, List<Violation> wrong) {
        if (given.isPresent() && kind != of) {
            wrong.add(new Violation(field, "not_allowed", "only the kind " + of.word() + " can have " + field));
        }
    }

    private void stats(Context ctx) {
        int days = Requests.query(ctx, "days")
                .map(text -> Requests.valid("days", "invalid_days", RepositoryJobRoutes::days, text))
                .orElse(MAX_DAYS);
        ctx.json(new Page<>(findings.sizes(Requests.repository(ctx), days), Optional.empty()));
    }

    private static int days(String text) {
        if (!text.matches("\\d{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_DAYS) {
            throw new IllegalArgumentException("days must be 1 to " + MAX_DAYS);
        }
        return Integer.parseInt(text);
    }

    private void expect(Context ctx) {
        findings.expect(Actor.of(ctx), Requests.repository(ctx), ctx.pathParam("key"));
        ctx.status(204);
    }
}
