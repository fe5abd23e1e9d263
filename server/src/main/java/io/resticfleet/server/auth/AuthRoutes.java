package io.resticfleet.server.auth;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.ClientAddress;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.util.Optional;
import java.util.function.Supplier;

/** The first user, signing in and out, and one's own password, over HTTP. */
public final class AuthRoutes {

    private final Site site;
    private final Bootstrap bootstrap;
    private final SignIn signIn;
    private final Sessions sessions;

    public AuthRoutes(Site site, Bootstrap bootstrap, SignIn signIn, Sessions sessions) {
        this.site = site;
        this.bootstrap = bootstrap;
        this.signIn = signIn;
        this.sessions = sessions;
    }

    public void install(Routes routes) {
        routes.post("/api/bootstrap", Access.OPEN, "Make the first user; works once", this::bootstrap)
                .takes(BootstrapBody.class)
                .answers(201, Me.class);
        routes.post("/api/auth/login", Access.OPEN, "Sign in; sets a cookie", this::login)
                .takes(LoginBody.class)
                .answers(200, Me.class);
        routes.post("/api/auth/logout", Access.OPEN, "Sign out; harmless if nobody is signed in", this::logout)
                .answers(204);
        routes.post("/api/auth/password", Access.USER, "Change your password; ends your other sessions", this::password)
                .takes(PasswordBody.class)
                .answers(204);
        routes.get("/api/me", Access.USER, "Who you are", this::me).answers(200, Me.class);
    }

    private void bootstrap(Context ctx) {
        var body = Requests.body(ctx, BootstrapBody.class);
        var user = patiently(
                ctx, () -> bootstrap.run(ClientAddress.of(ctx), body.token(), body.username(), body.password()));
        ctx.status(201).json(new Me(user.id(), user.username(), Optional.empty()));
    }

    private void login(Context ctx) {
        var body = Requests.body(ctx, LoginBody.class);
        var signedIn = patiently(ctx, () -> signIn.login(ClientAddress.of(ctx), body.username(), body.password()));
        setCookie(ctx, signedIn.session().value(), (int) Sessions.LONGEST.toSeconds());
        ctx.json(new Me(signedIn.user().id(), signedIn.user().username(), Optional.empty()));
    }

    private void logout(Context ctx) {
        AuthGate.session(ctx)
                .ifPresent(session -> sessions.find(session)
                        .ifPresent(caller -> sessions.end(Actor.unproven(ctx, caller.display()), caller, session)));
        setCookie(ctx, "", 0);
        ctx.status(204);
    }

    private void password(Context ctx) {
        var session = AuthGate.session(ctx)
                .orElseThrow(() -> Problem.forbidden("session_required", "sign in to do this; an API token may not"));
        var body = Requests.body(ctx, PasswordBody.class);
        var next = Requests.valid("new_password", "weak_password", NewPassword::new, body.newPassword());
        patiently(ctx, () -> {
            signIn.changePassword(
                    Actor.of(ctx), ClientAddress.of(ctx), Caller.of(ctx), body.currentPassword(), next, session);
            return Optional.empty();
        });
        ctx.status(204);
    }

    private void me(Context ctx) {
        var caller = Caller.of(ctx);
        ctx.json(new Me(caller.userId(), caller.username(), caller.tokenName()));
    }

    private void setCookie(Context ctx, String value, int maxAgeSeconds) {
        var cookie = new Cookie(AuthGate.COOKIE, value, "/", maxAgeSeconds, site.secure(ctx), true);
        cookie.setSameSite(SameSite.STRICT);
        ctx.cookie(cookie);
        ctx.header("Cache-Control", "no-store");
    }

    private static <T> T patiently(Context ctx, Supplier<T> attempt) {
        try {
            return attempt.get();
        } catch (TooManyAttempts e) {
            ctx.header("Retry-After", Long.toString(e.seconds()));
            throw Problem.tooMany("rate_limited", e.getMessage());
        }
    }

    /** @param token from {@code bootstrap-token} in the data directory, or as it was set */
    record BootstrapBody(String token, String username, String password) {}

    record LoginBody(String username, String password) {}

    record PasswordBody(String currentPassword, String newPassword) {}

    /**
     * A user.
     *
     * @param token name of the API token in use; absent for a session
     */
    record Me(String id, String username, Optional<String> token) {}
}
