package io.resticfleet.server.enrollment;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;

/** Replacing a host's machine over HTTP. */
public final class ReplacementRoutes {

    private static final String PATH = "/api/hosts/{host}/replacements";

    private final Hosts hosts;
    private final SignInFlow signInFlow;
    private final Replacements replacements;
    private final ReplacementLines lines;
    private final Site site;

    public ReplacementRoutes(
            Hosts hosts, SignInFlow signInFlow, Replacements replacements, ReplacementLines lines, Site site) {
        this.hosts = hosts;
        this.signInFlow = signInFlow;
        this.replacements = replacements;
        this.lines = lines;
        this.site = site;
    }

    /** @param password of the caller, again */
    record Body(String password) {

        @Override
        public String toString() {
            return "Body[]";
        }
    }

    public void install(Routes routes) {
        routes.get(PATH, Access.USER, "Whether a host has another machine than at first", this::find)
                .answers(200, Replacement.class);
        routes.post(
                        PATH,
                        Access.USER,
                        "Create a one-time token for the machine that takes the place of a host's present one, which is refused"
                                + " once the token is used",
                        this::make)
                .bySessionOnly()
                .takes(Body.class)
                .answers(201, ReplacementLines.Made.class);
    }

    private void find(Context ctx) {
        ctx.json(replacements.find(Requests.host(ctx)));
    }

    private void make(Context ctx) {
        var host = hosts.get(Requests.host(ctx));
        signInFlow.confirm(ctx, Requests.body(ctx, Body.class).password());
        ctx.status(201).json(lines.make(Actor.of(ctx), host.id(), site.url(ctx)));
    }
}
