package io.resticfleet.server.page.addhost;

import io.javalin.http.Context;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.enrollment.Invitations;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Frame;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.repository.RepositoryForm;
import io.resticfleet.server.page.repository.RepositoryKind;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Adding a machine: the form, the install command, and the wait for its agent. */
public final class AddHostPages {

    private static final String KNOWN = "known";
    private static final int MAX_KNOWN = 1_000;

    private final Html html;
    private final LivePages livePages;
    private final Frames frames;
    private final Invitations invitations;
    private final EnrollmentTokens tokens;
    private final RepositoryCatalog catalog;
    private final Hosts hosts;
    private final Fleet fleet;

    public AddHostPages(
            Html html,
            LivePages livePages,
            Frames frames,
            Invitations invitations,
            EnrollmentTokens tokens,
            RepositoryCatalog catalog,
            Hosts hosts,
            Fleet fleet) {
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.invitations = invitations;
        this.tokens = tokens;
        this.catalog = catalog;
        this.hosts = hosts;
        this.fleet = fleet;
    }

    public void install(Routes routes) {
        routes.page("/hosts/new", Access.USER, this::ask);
        routes.form("/hosts/new", Access.USER, this::invite);
        routes.page("/hosts/joining/{token}", Access.USER, ctx -> livePages.show(ctx, look -> look(ctx)));
    }

    private void ask(Context ctx) {
        var known = known();
        var kind = Requests.query(ctx, "kind").or(() -> known.isEmpty() ? Optional.empty() : Optional.of(KNOWN));
        show(
                ctx,
                kind.filter(KNOWN::equals).isPresent(),
                RepositoryForm.empty(kind.flatMap(RepositoryKind::find).orElse(RepositoryKind.REST)),
                Map.of("repository_id", Requests.query(ctx, "repository").orElse("")),
                Map.of());
    }

    private void show(
            Context ctx,
            boolean knownChosen,
            RepositoryForm form,
            Map<String, String> typed,
            Map<String, String> wrong) {
        var screen = new AddHostScreen(frame(ctx), known(), knownChosen, form, typed, wrong);
        html.answer(ctx, "addhost/form.jte", screen);
    }

    /** Repositories that another machine can use. */
    private List<AddHostScreen.Known> known() {
        return catalog.list(new Page.Request(MAX_KNOWN, Optional.empty())).items().stream()
                .filter(repository -> !repository.backend().equals("local"))
                .map(AddHostScreen.Known::of)
                .toList();
    }

    private void invite(Context ctx) {
        var hostname = Requests.field(ctx, "hostname").strip();
        var paths = Requests.field(ctx, "initial_paths")
                .lines()
                .map(String::strip)
                .filter(path -> !path.isEmpty())
                .toList();
        boolean known = Requests.field(ctx, "kind").equals(KNOWN);
        var form = known
                ? RepositoryForm.empty(RepositoryKind.REST)
                : RepositoryForm.typed(field -> Requests.field(ctx, field));
        try {
            var frame = frame(ctx);
            var made = invitations.invite(
                    Actor.of(ctx),
                    new Invitations.TokenBody(
                            Optional.of(hostname).filter(name -> !name.isEmpty()),
                            known ? Optional.empty() : Optional.of(form.body(Optional.empty())),
                            known ? Optional.of(repository(ctx)) : Optional.empty(),
                            Optional.of(paths)),
                    frame.url());
            html.answer(
                    ctx,
                    "addhost/added.jte",
                    new HostAddedScreen(
                            frame,
                            made.command(),
                            made.warnings(),
                            made.repoPassword().orElse(""),
                            !paths.isEmpty(),
                            "/hosts/joining/" + made.id(),
                            arrival(frame, made.id())));
        } catch (Problem e) {
            ctx.status(e.status());
            show(
                    ctx,
                    known,
                    form,
                    Map.of(
                            "hostname", hostname,
                            "repository_id", Requests.field(ctx, "repository_id"),
                            "initial_paths", Requests.field(ctx, "initial_paths")),
                    form.wrong(e));
        }
    }

    private static RepositoryId repository(Context ctx) {
        return Requests.valid(
                "repository_id", "unknown_repository", RepositoryId::new, Requests.field(ctx, "repository_id"));
    }

    private HostAddedScreen look(Context ctx) {
        var frame = frame(ctx);
        var id = ctx.pathParam("token");
        return new HostAddedScreen(frame, "", List.of(), "", false, "/hosts/joining/" + id, arrival(frame, id));
    }

    private Fragment<HostAddedScreen.Arrival> arrival(Frame frame, String tokenId) {
        var token = tokens.get(tokenId);
        var host = token.hostId().flatMap(hosts::find);
        var arrival = new HostAddedScreen.Arrival(
                host.map(Host::id),
                host.map(Host::name).or(token::hostname).orElse("the machine"),
                host.filter(joined -> fleet.get(joined.id()).presence() == Presence.ONLINE)
                        .isPresent(),
                host.isEmpty() && token.expiresAt().isBefore(frame.viewer().now()),
                token.expiresAt());
        return new Fragment<>("arrival", "addhost/arrival.jte", arrival, frame.viewer());
    }

    private Frame frame(Context ctx) {
        return frames.of(ctx, "machines", "Add a machine", "");
    }
}
