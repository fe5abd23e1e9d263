package io.resticfleet.server.auth;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;

/** Routes for API tokens. */
public final class ApiTokenRoutes {

    private final ApiTokens tokens;

    public ApiTokenRoutes(ApiTokens tokens) {
        this.tokens = tokens;
    }

    public void install(Routes routes) {
        routes.get("/api/tokens", Access.USER, "Your API tokens", this::list).answersPageOf(ApiToken.class);
        routes.post(
                        "/api/tokens",
                        Access.USER,
                        "Create an API token; the answer shows it, once. A token can create none that may do more, or lasts longer",
                        this::create)
                .takes(ApiTokens.Wanted.class)
                .answers(201, ApiTokens.Minted.class);
        routes.delete(
                        "/api/tokens/{id}",
                        Access.USER,
                        "Delete an API token; it stops working immediately",
                        this::delete)
                .answers(204);
    }

    private void list(Context ctx) {
        ctx.json(tokens.list(Caller.of(ctx), Page.Request.of(ctx)));
    }

    private void create(Context ctx) {
        var wanted = Requests.body(ctx, ApiTokens.Wanted.class);
        ctx.status(201).json(tokens.create(Actor.of(ctx), Caller.of(ctx), wanted));
    }

    private void delete(Context ctx) {
        tokens.delete(Actor.of(ctx), Caller.of(ctx), ctx.pathParam("id"));
        ctx.status(204);
    }
}
