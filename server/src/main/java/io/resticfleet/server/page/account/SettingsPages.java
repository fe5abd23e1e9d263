package io.resticfleet.server.page.account;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.auth.ApiTokens;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.page.hostsettings.UpgradePages;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Settings: the user's account and API tokens, agents, and the server's database. */
public final class SettingsPages {

    private static final int MAX_TOKENS = 1_000;

    private final Html html;
    private final Frames frames;
    private final Database db;
    private final SignInFlow signInFlow;
    private final ApiTokens tokens;
    private final UpgradePages upgrades;
    private final InstantSource clock;

    public SettingsPages(
            Html html,
            Frames frames,
            Database db,
            SignInFlow signInFlow,
            ApiTokens tokens,
            UpgradePages upgrades,
            InstantSource clock) {
        this.clock = clock;
        this.upgrades = upgrades;
        this.db = db;
        this.html = html;
        this.frames = frames;
        this.signInFlow = signInFlow;
        this.tokens = tokens;
    }

    public void install(Routes routes) {
        routes.page("/settings", Access.USER, ctx -> show(ctx, "", TokenForm.EMPTY, Map.of(), ""));
        routes.form("/settings/password", Access.USER, this::changePassword);
        routes.form("/settings/tokens", Access.USER, this::createToken);
        routes.form("/settings/tokens/{token}/delete", Access.USER, this::deleteToken);
    }

    private void changePassword(Context ctx) {
        var newPassword = Requests.field(ctx, "new_password");
        if (!newPassword.equals(Requests.field(ctx, "again"))) {
            refuse(ctx, Map.of("again", "the two passwords differ"));
            return;
        }
        try {
            signInFlow.changePassword(ctx, Requests.field(ctx, "current_password"), newPassword);
            boolean delete = !Requests.field(ctx, "delete_tokens").isEmpty();
            if (delete) {
                tokens.deleteAll(Actor.of(ctx), Caller.of(ctx).username());
            }
            var left = tokens.of(Caller.of(ctx).username()).size();
            show(
                    ctx,
                    "",
                    TokenForm.EMPTY,
                    Map.of(),
                    "Your password was changed, and your other sessions were signed out."
                            + (delete ? " Your API tokens were deleted." : "")
                            + (left > 0 ? " The API tokens below stay valid: delete those that others may know." : ""));
        } catch (Problem e) {
            var field = switch (e.code()) {
                case "bad_credentials", "rate_limited" -> "current_password";
                default -> "new_password";
            };
            // Not 401, which would mean that nobody is signed in.
            refuse(ctx, Map.of(field, e.getMessage()));
        }
    }

    private void createToken(Context ctx) {
        var form = TokenForm.of(ctx);
        try {
            var made = tokens.create(Actor.of(ctx), Caller.of(ctx), form.wanted(clock.instant()));
            show(ctx, made.token(), TokenForm.EMPTY, Map.of(), "");
        } catch (Problem e) {
            ctx.status(e.status());
            show(ctx, "", form, form.wrong(e), "");
        }
    }

    private void deleteToken(Context ctx) {
        tokens.delete(Actor.of(ctx), Caller.of(ctx), ctx.pathParam("token"));
        Redirects.to(ctx, "/settings");
    }

    private void refuse(Context ctx, Map<String, String> wrong) {
        ctx.status(400);
        show(ctx, "", TokenForm.EMPTY, wrong, "");
    }

    private void show(Context ctx, String minted, TokenForm form, Map<String, String> wrong, String done) {
        var existing = tokens.list(Caller.of(ctx), new Page.Request(MAX_TOKENS, Optional.empty()));
        html.answer(
                ctx,
                "account/settings.jte",
                new SettingsScreen(
                        frames.of(ctx, "settings", "Settings", "/api/tokens"),
                        existing.items().stream()
                                .map(token -> TokenLine.of(token, clock.instant()))
                                .toList(),
                        existing.nextCursor().isPresent(),
                        minted,
                        form,
                        wrong,
                        done,
                        DatabaseCopies.newest(db.file().toAbsolutePath().getParent()),
                        upgrades.agents()));
    }
}
