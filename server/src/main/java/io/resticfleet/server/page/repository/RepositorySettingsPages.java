package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.repository.RepositoryRequest;
import io.resticfleet.server.repository.RepositoryView;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of a repository: name, location and credentials, maintainer, and removal. */
final class RepositorySettingsPages {

    private static final String ONE = "/repositories/{repository}";

    private final Html html;
    private final LivePages livePages;
    private final RepositoryFrames frames;
    private final RepositoryCatalog catalog;
    private final Repositories repositories;
    private final RepositoryChanges changes;
    private final HostConfigs configs;
    private final Fleet fleet;

    RepositorySettingsPages(
            Html html,
            LivePages livePages,
            RepositoryFrames frames,
            RepositoryCatalog catalog,
            Repositories repositories,
            RepositoryChanges changes,
            HostConfigs configs,
            Fleet fleet) {
        this.fleet = fleet;
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.catalog = catalog;
        this.repositories = repositories;
        this.changes = changes;
        this.configs = configs;
    }

    void install(Routes routes) {
        routes.page(ONE + "/settings", Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
        routes.form(ONE + "/name", Access.USER, this::rename);
        routes.form(ONE + "/settings", Access.USER, this::change);
        routes.form(ONE + "/expectations", Access.USER, this::expect);
        routes.form(ONE + "/force", Access.USER, this::applyPending);
        routes.form(ONE + "/discard", Access.USER, this::discardPending);
        routes.page(ONE + "/maintainer", Access.USER, this::askMaintainer);
        routes.form(ONE + "/maintainer", Access.USER, this::maintain);
        routes.form(ONE + "/machines", Access.USER, this::use);
        routes.form(ONE + "/delete", Access.USER, this::delete);
    }

    private RepositorySettingsScreen look(Context ctx) {
        var frame = frames.of(ctx, "settings");
        var stored = stored(frame);
        var form = Requests.query(ctx, "kind")
                .flatMap(RepositoryKind::find)
                .filter(kind -> kind != stored.kind())
                .map(RepositoryForm::empty)
                .orElse(stored);
        return screen(frame, frame.repository().name(), form, Map.of());
    }

    private RepositoryForm stored(RepositoryFrame frame) {
        return repositories
                .shared(frame.repository().id())
                .map(RepositoryForm::of)
                .orElseGet(() -> RepositoryForm.of(frame.repository().url()));
    }

    private RepositorySettingsScreen screen(
            RepositoryFrame frame, String name, RepositoryForm form, Map<String, String> wrong) {
        return new RepositorySettingsScreen(
                frame,
                frames.pending(frame),
                name,
                RepositoryExpectationsForm.of(frame.repository()),
                form,
                others(frame.repository()),
                wrong);
    }

    /** The hosts that could use it too; none for a directory of one host. */
    private List<RepositoryView.User> others(RepositoryView repository) {
        return repository.backend().equals("local") && !repository.hosts().isEmpty()
                ? List.of()
                : fleet.now().hosts().stream()
                        .map(status -> new RepositoryView.User(
                                status.host().id(), status.host().name()))
                        .filter(host -> !repository.hosts().contains(host))
                        .sorted(Comparator.comparing(RepositoryView.User::name, String.CASE_INSENSITIVE_ORDER))
                        .toList();
    }

    private void rename(Context ctx) {
        var id = Requests.repository(ctx);
        var name = Requests.field(ctx, "name").strip();
        try {
            configs.change(
                    Actor.of(ctx),
                    id,
                    new RepositoryRequest(
                            Optional.of(name),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()),
                    HostConfigs.When.OPENED);
            Redirects.saved(ctx, path(id, "settings"));
        } catch (Problem e) {
            var frame = frames.of(ctx, "settings");
            refuse(
                    ctx,
                    e,
                    screen(
                            frame,
                            name,
                            stored(frame),
                            RepositoryForm.empty(RepositoryKind.REST).wrong(e)));
        }
    }

    private void expect(Context ctx) {
        var id = Requests.repository(ctx);
        var typed = new RepositoryExpectationsForm(
                Requests.field(ctx, "size_limit_gib"), Requests.field(ctx, "check_within_days"));
        try {
            configs.change(Actor.of(ctx), id, typed.request(), HostConfigs.When.OPENED);
            Redirects.saved(ctx, path(id, "settings"));
        } catch (Problem e) {
            var frame = frames.of(ctx, "settings");
            refuse(
                    ctx,
                    e,
                    screen(frame, frame.repository().name(), stored(frame), RepositoryExpectationsForm.wrong(e))
                            .withExpectations(typed));
        }
    }

    private void change(Context ctx) {
        var id = Requests.repository(ctx);
        var form = RepositoryForm.typed(field -> Requests.field(ctx, field));
        try {
            configs.change(
                    Actor.of(ctx),
                    id,
                    form.request(Optional.empty(), repositories.shared(id)),
                    HostConfigs.When.OPENED);
            if (changes.find(id).isPresent()) {
                Redirects.to(ctx, path(id, "settings"));
            } else {
                Redirects.saved(ctx, path(id, "settings"));
            }
        } catch (Problem e) {
            var frame = frames.of(ctx, "settings");
            refuse(ctx, e, screen(frame, frame.repository().name(), form, form.wrong(e)));
        }
    }

    private void refuse(Context ctx, Problem problem, RepositorySettingsScreen screen) {
        ctx.status(problem.status());
        html.answer(ctx, screen.template(), screen);
    }

    private void applyPending(Context ctx) {
        var id = Requests.repository(ctx);
        configs.applyPending(Actor.of(ctx), trying(id));
        configs.pushAll(id);
        Redirects.saved(ctx, path(id, "settings"));
    }

    private void discardPending(Context ctx) {
        var id = Requests.repository(ctx);
        changes.find(id).ifPresent(change -> configs.discardPending(Actor.of(ctx), change.hostId()));
        Redirects.to(ctx, path(id, ""));
    }

    private HostId trying(RepositoryId id) {
        return changes.find(id)
                .orElseThrow(() -> Problem.notFound("a pending change of repository " + id))
                .hostId();
    }

    private void askMaintainer(Context ctx) {
        var frame = frames.of(ctx, "maintainer");
        var own = repositories.maintainer(frame.repository().id());
        show(
                ctx,
                frame,
                frame.repository().maintainerHostId().map(HostId::value).orElse(""),
                own.map(RepositoryForm::of)
                        .orElseGet(() -> RepositoryForm.empty(
                                RepositoryKind.of(frame.repository().url()))),
                Map.of());
    }

    private void show(Context ctx, RepositoryFrame frame, String host, RepositoryForm form, Map<String, String> wrong) {
        boolean own = repositories.maintainer(frame.repository().id()).isPresent();
        html.answer(ctx, "repository/maintainer.jte", new MaintainerScreen(frame, host, form, own, wrong));
    }

    private void maintain(Context ctx) {
        var id = Requests.repository(ctx);
        var host = Requests.field(ctx, "host_id");
        var form = RepositoryForm.typed(field -> Requests.field(ctx, field));
        try {
            configs.change(
                    Actor.of(ctx), id, request(host, form, repositories.maintainer(id)), HostConfigs.When.OPENED);
            Redirects.saved(ctx, path(id, ""));
        } catch (Problem e) {
            ctx.status(e.status());
            show(ctx, frames.of(ctx, "maintainer"), host, form, form.wrong(e));
        }
    }

    private static RepositoryRequest request(String host, RepositoryForm form, Optional<Repository> own) {
        var body = form.body(own);
        var maintainer = new RepositoryRequest.Maintainer(
                Optional.of(host)
                        .filter(text -> !text.isEmpty())
                        .map(text -> Requests.valid("host_id", "unknown_host", HostId::new, text)),
                Optional.of(body.url()).filter(url -> !url.isEmpty()),
                body.credentials().filter(given -> !form.isEmpty()));
        return new RepositoryRequest(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(maintainer),
                Optional.empty(),
                Optional.empty());
    }

    /** Has a further machine use it. */
    private void use(Context ctx) {
        var id = Requests.repository(ctx);
        var hostId = Requests.valid("host_id", "unknown_host", HostId::new, Requests.field(ctx, "host_id"));
        configs.use(Actor.of(ctx), hostId, id, Optional.empty(), Optional.empty(), HostConfigs.When.NOW);
        Redirects.saved(ctx, path(id, ""));
    }

    private void delete(Context ctx) {
        var frame = frames.of(ctx, "settings");
        if (!Requests.field(ctx, "confirm").strip().equals(frame.repository().name())) {
            ctx.status(400);
            var wrong = Map.of("confirm", "type the repository's name to confirm");
            var screen = screen(frame, frame.repository().name(), stored(frame), wrong);
            html.answer(ctx, screen.template(), screen);
            return;
        }
        catalog.delete(Actor.of(ctx), frame.repository().id());
        Redirects.to(ctx, "/repositories");
    }

    private static String path(RepositoryId id, String tab) {
        return "/repositories/" + id + (tab.isEmpty() ? "" : "/" + tab);
    }
}
