package io.resticfleet.server.repository;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Query;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.util.List;
import java.util.Optional;

/** The API of repositories, and of the hosts that use them. */
public final class RepositoryRoutes {

    private static final String ONE = "/api/repositories/{repository}";
    private static final String OF_HOST = "/api/hosts/{host}/repositories/{repository}";
    private static final int MAX_POSITION = 1_000;

    private final RepositoryCatalog catalog;
    private final HostConfigs configs;

    public RepositoryRoutes(RepositoryCatalog catalog, HostConfigs configs) {
        this.catalog = catalog;
        this.configs = configs;
    }

    /**
     * A repository that was added.
     *
     * @param repoPassword shown once, if it was generated
     */
    record Added(@JsonUnwrapped RepositoryView repository, Optional<String> repoPassword) {}

    /**
     * Which host tests a repository.
     *
     * @param hostId one that uses it; any if left out
     */
    record Test(Optional<HostId> hostId) {}

    /**
     * How a host uses a repository.
     *
     * @param position from 1; the first is the host's default. If left out: where it is, else the last
     * @param credentials the host's own, which replace those of the repository for it; those of the repository if left out
     */
    record Use(Optional<Integer> position, Optional<RepositoryBody.Credentials> credentials) {}

    public void install(Routes routes) {
        routes.get(
                        "/api/repositories",
                        Access.USER,
                        "All repositories, in the order of their creation",
                        ctx -> ctx.json(catalog.list(Page.Request.of(ctx))))
                .answersPageOf(RepositoryView.class);
        routes.post("/api/repositories", Access.USER, "Add a repository", this::add)
                .takes(RepositoryRequest.class)
                .answers(201, Added.class);
        routes.get(ONE, Access.USER, "One repository", ctx -> ctx.json(catalog.get(Requests.repository(ctx))))
                .answers(200, RepositoryView.class);
        routes.patch(
                        ONE,
                        Access.USER,
                        "Change a repository; location and credentials apply once a host has opened it with them",
                        this::change)
                .queries(Query.oneOf("force", List.of("true", "false")))
                .takes(RepositoryRequest.class)
                .answers(200, RepositoryView.class);
        routes.delete(ONE, Access.USER, "Remove a repository from this server; its data stays", this::delete)
                .answers(204);
        routes.post(ONE + "/test", Access.USER, "Have a host open a repository as it is", this::test)
                .scope(Scope.RUN)
                .takes(Test.class)
                .answers(202, TestStarted.class);
        routes.put(
                        OF_HOST,
                        Access.USER,
                        "Have a host use a repository, or change the order of its repositories; credentials of its own replace"
                                + " others once it has opened the repository with them",
                        this::use)
                .queries(Query.oneOf("force", List.of("true", "false")))
                .takes(Use.class)
                .answers(200, RepositoryView.class);
        routes.delete(OF_HOST, Access.USER, "Have a host no longer use a repository; its snapshots stay", this::leave)
                .answers(204);
    }

    private void add(Context ctx) {
        var added = catalog.add(Actor.of(ctx), Requests.body(ctx, RepositoryRequest.class));
        configs.pushAll(added.id());
        ctx.status(201).json(new Added(catalog.get(added.id()), added.repoPassword()));
    }

    private void change(Context ctx) {
        var id = Requests.repository(ctx);
        configs.change(Actor.of(ctx), id, Requests.body(ctx, RepositoryRequest.class), when(ctx));
        ctx.json(catalog.get(id));
    }

    private static HostConfigs.When when(Context ctx) {
        boolean force = Requests.query(ctx, "force").filter("true"::equals).isPresent();
        return force ? HostConfigs.When.NOW : HostConfigs.When.OPENED;
    }

    /** @param jobId ends as succeeded if the repository was opened */
    record TestStarted(JobId jobId) {}

    private void test(Context ctx) {
        var wanted = ctx.bodyAsBytes().length == 0
                ? Optional.<HostId>empty()
                : Requests.body(ctx, Test.class).hostId();
        ctx.status(202).json(new TestStarted(configs.test(Actor.of(ctx), Requests.repository(ctx), wanted)));
    }

    private void delete(Context ctx) {
        catalog.delete(Actor.of(ctx), Requests.repository(ctx));
        ctx.status(204);
    }

    private void use(Context ctx) {
        var body = ctx.bodyAsBytes().length == 0
                ? new Use(Optional.empty(), Optional.empty())
                : Requests.body(ctx, Use.class);
        if (body.position().filter(at -> at < 1 || at > MAX_POSITION).isPresent()) {
            throw Problem.invalid("invalid_position", "position must be 1 to " + MAX_POSITION);
        }
        var hostId = Requests.host(ctx);
        var id = Requests.repository(ctx);
        configs.use(Actor.of(ctx), hostId, id, body.position(), body.credentials(), when(ctx));
        ctx.json(catalog.get(id, hostId));
    }

    private void leave(Context ctx) {
        catalog.leave(Actor.of(ctx), Requests.host(ctx), Requests.repository(ctx));
        configs.push(Requests.host(ctx));
        configs.pushAll(Requests.repository(ctx)); // another host may look after it now
        ctx.status(204);
    }
}
