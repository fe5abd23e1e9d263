package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Map;
import java.util.Optional;

/** The list of repositories, and the form of a new one. */
final class RepositoryListPages {

    private static final String PATH = "/repositories";
    private static final int PAGE_SIZE = 50;

    private final Html html;
    private final LivePages livePages;
    private final Frames frames;
    private final RepositoryCatalog catalog;
    private final Fleet fleet;
    private final RepositoryFindings findings;

    RepositoryListPages(
            Html html,
            LivePages livePages,
            Frames frames,
            RepositoryCatalog catalog,
            Fleet fleet,
            RepositoryFindings findings) {
        this.findings = findings;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.catalog = catalog;
        this.fleet = fleet;
    }

    void install(Routes routes) {
        routes.page(PATH, Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
        routes.page(PATH + "/new", Access.USER, this::ask);
        routes.form(PATH + "/new", Access.USER, this::add);
    }

    private RepositoryListScreen look(Context ctx) {
        var frame = frames.of(ctx, "repositories", "Repositories", "/api/repositories");
        var page = catalog.list(new Page.Request(PAGE_SIZE, Requests.query(ctx, "cursor")));
        var now = fleet.now();
        var shown = new RepositoryListScreen.Shown(
                page.items().stream()
                        .map(repository -> new RepositoryListScreen.Line(
                                repository,
                                repository
                                        .maintainerHostId()
                                        .flatMap(now::find)
                                        .map(status -> status.host().name())
                                        .orElse(""),
                                SizeWords.growth(findings.sizes(repository.id(), SizeWords.DAYS))))
                        .toList(),
                page.nextCursor().map(cursor -> PATH + "?cursor=" + cursor).orElse(""));
        return new RepositoryListScreen(
                frame, new Fragment<>("repositories", "repository/list-fragment.jte", shown, frame.viewer()));
    }

    private void ask(Context ctx) {
        var kind = Requests.query(ctx, "kind").flatMap(RepositoryKind::find).orElse(RepositoryKind.REST);
        show(ctx, "", RepositoryForm.empty(kind), Map.of());
    }

    private void show(Context ctx, String name, RepositoryForm form, Map<String, String> wrong) {
        var frame = frames.of(ctx, "repositories", "Add a repository", "");
        html.answer(ctx, "repository/new.jte", new NewRepositoryScreen(frame, name, form, wrong));
    }

    private void add(Context ctx) {
        var name = Requests.field(ctx, "name").strip();
        var form = RepositoryForm.typed(field -> Requests.field(ctx, field));
        try {
            var added = catalog.add(
                    Actor.of(ctx), form.request(Optional.of(name).filter(text -> !text.isEmpty()), Optional.empty()));
            if (added.repoPassword().isPresent()) {
                var frame = frames.of(ctx, "repositories", "Add a repository", "");
                RepositoryView repository = catalog.get(added.id());
                html.answer(
                        ctx,
                        "repository/added.jte",
                        new AddedRepositoryScreen(
                                frame,
                                added.id(),
                                repository.name(),
                                added.repoPassword().get()));
            } else {
                Redirects.saved(ctx, PATH + "/" + added.id());
            }
        } catch (Problem e) {
            ctx.status(e.status());
            show(ctx, name, form, form.wrong(e));
        }
    }
}
