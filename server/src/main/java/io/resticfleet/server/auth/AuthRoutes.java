package io.resticfleet.server.auth;

import io.javalin.http.Context;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Routes for the first user, signing in and out, and changing one's own password. */
public final class AuthRoutes {

    private final SignInFlow signInFlow;
    private final ApiTokens tokens;

    public AuthRoutes(SignInFlow signInFlow, ApiTokens tokens) {
        this.tokens = tokens;
        this.signInFlow = signInFlow;
    }

    public void install(Routes routes) {
        routes.post("/api/bootstrap", Access.OPEN, "Create the first user; works once", this::bootstrap)
                .takes(BootstrapBody.class)
                .answers(201, Me.class);
        routes.post("/api/auth/login", Access.OPEN, "Sign in; sets a cookie", this::login)
                .takes(LoginBody.class)
                .answers(200, Me.class);
        routes.post("/api/auth/logout", Access.OPEN, "Sign out; harmless without a session", this::logout)
                .answers(204);
        routes.post(
                        "/api/auth/password",
                        Access.USER,
                        "Change your password; ends your other sessions, and your API tokens if you ask for it",
                        this::password)
                .bySessionOnly()
                .takes(PasswordBody.class)
                .answers(200, PasswordAnswer.class);
        routes.get("/api/me", Access.USER, "The signed-in user", this::me)
                .anyScope()
                .answers(200, Me.class);
    }

    private void bootstrap(Context ctx) {
        var body = Requests.body(ctx, BootstrapBody.class);
        var user = signInFlow.makeFirstUser(ctx, body.token(), body.username(), body.password());
        ctx.status(201).json(Me.of(user));
    }

    private void login(Context ctx) {
        var body = Requests.body(ctx, LoginBody.class);
        var user = signInFlow.signIn(ctx, body.username(), body.password());
        ctx.json(Me.of(user));
    }

    private void logout(Context ctx) {
        signInFlow.signOut(ctx);
        ctx.status(204);
    }

    private void password(Context ctx) {
        var body = Requests.body(ctx, PasswordBody.class);
        signInFlow.changePassword(ctx, body.currentPassword(), body.newPassword());
        var username = Caller.of(ctx).username();
        if (body.deleteTokens().orElse(false)) {
            tokens.deleteAll(Actor.of(ctx), username);
        }
        ctx.json(new PasswordAnswer(tokens.of(username)));
    }

    private void me(Context ctx) {
        var caller = Caller.of(ctx);
        ctx.json(Me.of(caller));
    }

    /** @param token from {@code bootstrap-token} in the data directory, or from the setting */
    record BootstrapBody(String token, String username, String password) {}

    record LoginBody(String username, String password) {}

    /** @param deleteTokens whether your API tokens end, too; they stay if left out */
    record PasswordBody(String currentPassword, String newPassword, Optional<Boolean> deleteTokens) {}

    /** @param tokens your API tokens that stay valid */
    record PasswordAnswer(List<ApiToken> tokens) {}

    /**
     * A user.
     *
     * @param token name of the API token in use; absent for a session
     * @param scopes what it may be used for; all for a session
     * @param expiresAt when it stops working; absent for never
     */
    record Me(String id, String username, Optional<String> token, List<Scope> scopes, Optional<Instant> expiresAt) {

        static Me of(User user) {
            return of(Caller.bySession(user.id(), user.username()));
        }

        static Me of(Caller caller) {
            return new Me(
                    caller.userId(),
                    caller.username(),
                    caller.tokenName(),
                    caller.scopes().stream().sorted().toList(),
                    caller.expiresAt());
        }
    }
}
