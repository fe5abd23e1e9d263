package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.Map;
import java.util.Optional;

/** The change of a repository's password. */
final class PasswordPages {

    private static final String PATH = "/repositories/{repository}/password";

    private final Html html;
    private final LivePages livePages;
    private final RepositoryFrames frames;
    private final PasswordRotations rotations;

    PasswordPages(Html html, LivePages livePages, RepositoryFrames frames, PasswordRotations rotations) {
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.rotations = rotations;
    }

    void install(Routes routes) {
        routes.page(
                PATH, Access.USER, ctx -> livePages.show(ctx, look -> screen(frames.of(ctx, "settings"), Map.of())));
        routes.form(PATH, Access.USER, this::change);
        routes.form(PATH + "/retry", Access.USER, this::retry);
    }

    private PasswordScreen screen(RepositoryFrame frame, Map<String, String> wrong) {
        return new PasswordScreen(
                frame,
                new Fragment<>(
                        "rotation",
                        "repository/rotation.jte",
                        progress(rotations, frame),
                        frame.frame().viewer()),
                wrong);
    }

    static PasswordScreen.Progress progress(PasswordRotations rotations, RepositoryFrame frame) {
        return new PasswordScreen.Progress(
                frame.path("password"), rotations.find(frame.repository().id()));
    }

    private void change(Context ctx) {
        var frame = frames.of(ctx, "settings");
        if (!Requests.field(ctx, "confirm").strip().equals(frame.repository().name())) {
            refuse(ctx, frame, 400, Map.of("confirm", "type the repository's name to confirm"));
            return;
        }
        var typed = Optional.of(Requests.field(ctx, "repo_password")).filter(text -> !text.isEmpty());
        try {
            var begun = rotations.begin(Actor.of(ctx), frame.repository().id(), typed);
            if (begun.repoPassword().isPresent()) {
                html.answer(
                        ctx,
                        "repository/changed-password.jte",
                        new ChangedPasswordScreen(frame, begun.repoPassword().get()));
            } else {
                Redirects.to(ctx, frame.path("password"));
            }
        } catch (Problem e) {
            var field = e.errors().isEmpty() && !e.code().equals("same_password") ? "form" : "repo_password";
            var text = e.errors().isEmpty() ? e.getMessage() : e.errors().get(0).detail();
            refuse(ctx, frame, e.status(), Map.of(field, text));
        }
    }

    private void refuse(Context ctx, RepositoryFrame frame, int status, Map<String, String> wrong) {
        ctx.status(status);
        var screen = screen(frame, wrong);
        html.answer(ctx, screen.template(), screen);
    }

    private void retry(Context ctx) {
        var id = Requests.repository(ctx);
        rotations.retry(Actor.of(ctx), id);
        Redirects.to(ctx, "/repositories/" + id + "/password");
    }
}
