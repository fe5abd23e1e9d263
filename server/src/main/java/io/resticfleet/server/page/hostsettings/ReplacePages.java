package io.resticfleet.server.page.hostsettings;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.enrollment.ReplacementLines;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Replacing a host's machine: what happens, the password, and the install command. */
public final class ReplacePages {

    private static final String PATH = "/hosts/{host}/replace";

    private final Html html;
    private final LivePages livePages;
    private final HostFrames frames;
    private final SignInFlow signInFlow;
    private final ReplacementLines lines;

    public ReplacePages(
            Html html, LivePages livePages, HostFrames frames, SignInFlow signInFlow, ReplacementLines lines) {
        this.html = html;
        this.livePages = livePages;
        this.frames = frames;
        this.signInFlow = signInFlow;
        this.lines = lines;
    }

    public void install(Routes routes) {
        routes.page(
                PATH,
                Access.USER,
                ctx -> livePages.show(ctx, look -> screen(ctx, frames.status(ctx), Optional.empty(), Map.of())));
        routes.form(PATH, Access.USER, this::make);
    }

    private void make(Context ctx) {
        var status = frames.status(ctx);
        try {
            signInFlow.confirm(ctx, Requests.field(ctx, "password"));
            var frame = frames.of(ctx, status, "settings", "/replacements");
            var made =
                    lines.make(Actor.of(ctx), status.host().id(), frame.frame().url());
            answer(ctx, screen(ctx, status, Optional.of(made), Map.of()));
        } catch (Problem e) {
            if (!e.code().equals("bad_credentials") && !e.code().equals("rate_limited")) {
                throw e;
            }
            ctx.status(400); // not 401, which would mean that nobody is signed in
            answer(ctx, screen(ctx, status, Optional.empty(), Map.of("password", e.getMessage())));
        }
    }

    private void answer(Context ctx, ReplaceScreen screen) {
        html.answer(ctx, screen.template(), screen);
    }

    private ReplaceScreen screen(
            Context ctx, HostStatus status, Optional<ReplacementLines.Made> made, Map<String, String> wrong) {
        return new ReplaceScreen(
                frames.of(ctx, status, "settings", "/replacements"),
                status.host(),
                made.map(ReplacementLines.Made::command).orElse(""),
                made.map(ReplacementLines.Made::warnings).orElse(List.of()),
                wrong);
    }
}
