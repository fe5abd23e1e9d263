package io.resticfleet.server.page.hostrepository;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.repository.RepositoryForm;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Map;
import java.util.Optional;

/** Adds, orders and takes away the repositories of a host, and gives it credentials of its own for them. */
public final class HostRepositoryUsePages {

    private static final String ALL = "/hosts/{host}/repositories";
    private static final String ONE = ALL + "/{repository}";

    private final Html html;
    private final LivePages livePages;
    private final HostFrames frames;
    private final HostRepositoryUses uses;
    private final RepositoryCatalog catalog;
    private final HostConfigs configs;

    public HostRepositoryUsePages(
            Html html,
            LivePages livePages,
            HostFrames frames,
            HostRepositoryUses uses,
            RepositoryCatalog catalog,
            HostConfigs configs) {
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.uses = uses;
        this.catalog = catalog;
        this.configs = configs;
    }

    public void install(Routes routes) {
        routes.form(ALL, Access.USER, this::add);
        routes.form(ONE + "/first", Access.USER, this::first);
        routes.form(ONE + "/leave", Access.USER, this::leave);
        routes.page(ONE + "/credentials", Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
        routes.form(ONE + "/credentials", Access.USER, this::setCredentials);
        routes.form(ONE + "/credentials/delete", Access.USER, this::deleteCredentials);
    }

    private void add(Context ctx) {
        var id = Requests.valid(
                "repository_id", "unknown_repository", RepositoryId::new, Requests.field(ctx, "repository_id"));
        configs.use(Actor.of(ctx), Requests.host(ctx), id, Optional.empty(), Optional.empty(), HostConfigs.When.NOW);
        saved(ctx);
    }

    private void first(Context ctx) {
        catalog.useFirst(Actor.of(ctx), Requests.host(ctx), Requests.repository(ctx));
        saved(ctx);
    }

    private void leave(Context ctx) {
        catalog.leave(Actor.of(ctx), Requests.host(ctx), Requests.repository(ctx));
        saved(ctx);
    }

    private HostCredentialsScreen look(Context ctx) {
        var hostId = Requests.host(ctx);
        var used = used(hostId, Requests.repository(ctx));
        var form = uses.opened(hostId, used).map(RepositoryForm::of).orElseGet(() -> RepositoryForm.of(used.url()));
        return screen(ctx, used, form, Map.of());
    }

    private HostCredentialsScreen screen(
            Context ctx, HostRepository used, RepositoryForm form, Map<String, String> wrong) {
        var host = frames.of(ctx, frames.status(ctx), "repository", "");
        var name = catalog.get(used.id()).name();
        var own = uses.of(host.hostId()).used().stream()
                .filter(one -> one.id().equals(used.id()))
                .anyMatch(HostRepositoryScreen.Used::own);
        return new HostCredentialsScreen(host, used.id(), name, used.url(), own, form, wrong);
    }

    private void setCredentials(Context ctx) {
        var hostId = Requests.host(ctx);
        var used = used(hostId, Requests.repository(ctx));
        var form = RepositoryForm.typed(field -> Requests.field(ctx, field)).at(used.url());
        try {
            var test = configs.use(
                    Actor.of(ctx),
                    hostId,
                    used.id(),
                    Optional.empty(),
                    form.body(uses.opened(hostId, used)).credentials(),
                    HostConfigs.When.OPENED);
            if (test.isPresent()) {
                Redirects.to(ctx, page(ctx));
            } else {
                Redirects.saved(ctx, page(ctx));
            }
        } catch (Problem e) {
            ctx.status(e.status());
            var screen = screen(ctx, used, form, form.wrong(e));
            html.answer(ctx, screen.template(), screen);
        }
    }

    private void deleteCredentials(Context ctx) {
        configs.use(
                Actor.of(ctx),
                Requests.host(ctx),
                Requests.repository(ctx),
                Optional.empty(),
                Optional.empty(),
                HostConfigs.When.NOW);
        saved(ctx);
    }

    private HostRepository used(HostId hostId, RepositoryId id) {
        return uses.all(hostId).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("repository " + id + " on host " + hostId));
    }

    private void saved(Context ctx) {
        configs.push(Requests.host(ctx));
        Redirects.saved(ctx, page(ctx));
    }

    private static String page(Context ctx) {
        return "/hosts/" + Requests.host(ctx) + "/repository";
    }
}
