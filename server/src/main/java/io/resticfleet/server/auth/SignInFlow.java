package io.resticfleet.server.auth;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.ClientAddress;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Site;
import java.util.function.Supplier;

/** Sign-in operations shared by forms and the API: the same messages, limits and cookies for both. */
public final class SignInFlow {

    private final Site site;
    private final Bootstrap bootstrap;
    private final SignIn signIn;
    private final Sessions sessions;

    public SignInFlow(Site site, Bootstrap bootstrap, SignIn signIn, Sessions sessions) {
        this.site = site;
        this.bootstrap = bootstrap;
        this.signIn = signIn;
        this.sessions = sessions;
    }

    /** Whether there is no user yet. */
    public boolean isNew() {
        return bootstrap.isOpen();
    }

    /**
     * Creates the first user. Does not sign in.
     *
     * @throws Problem 409 {@code already_bootstrapped}, 401 {@code bad_token}, 400 {@code invalid_username} or {@code
     *     weak_password}, 429 {@code rate_limited}
     */
    public User makeFirstUser(Context ctx, String token, String username, String password) {
        return limited(ctx, () -> bootstrap.run(ClientAddress.of(ctx), token, username, password));
    }

    /**
     * Signs a user in, and sets the session cookie.
     *
     * @throws Problem 401 {@code bad_credentials}, 429 {@code rate_limited}
     */
    public User signIn(Context ctx, String username, String password) {
        var signedIn = limited(ctx, () -> signIn.login(ClientAddress.of(ctx), username, password));
        setCookie(ctx, signedIn.session().value(), (int) Sessions.MAX_AGE.toSeconds());
        return signedIn.user();
    }

    /** Ends the session of this request; harmless if there is none. */
    public void signOut(Context ctx) {
        AuthGate.session(ctx, site)
                .ifPresent(session -> sessions.find(session)
                        .ifPresent(caller -> sessions.end(Actor.unproven(ctx, caller.display()), caller, session)));
        setCookie(ctx, "", 0);
    }

    /**
     * Changes the caller's own password, and ends their other sessions.
     *
     * @throws Problem 403 {@code session_required}, 401 {@code bad_credentials}, 400 {@code weak_password}, 429 {@code
     *     rate_limited}
     */
    public void changePassword(Context ctx, String current, String wanted) {
        var session = requireSession(ctx);
        var next = Requests.valid("new_password", "weak_password", NewPassword::new, wanted);
        limited(ctx, () -> {
            signIn.changePassword(Actor.of(ctx), ClientAddress.of(ctx), Caller.of(ctx), current, next, session);
            return true;
        });
    }

    /**
     * Checks the caller's own password again, before something that others who use an open browser, or an API token, must
     * not do.
     *
     * @throws Problem 403 {@code session_required}, 401 {@code bad_credentials}, 429 {@code rate_limited}
     */
    public void confirm(Context ctx, String password) {
        requireSession(ctx);
        limited(ctx, () -> {
            signIn.confirm(Actor.of(ctx), ClientAddress.of(ctx), Caller.of(ctx), password);
            return true;
        });
    }

    private SessionToken requireSession(Context ctx) {
        return AuthGate.session(ctx, site)
                .orElseThrow(() -> Problem.forbidden("session_required", "sign in to do this; an API token may not"));
    }

    private void setCookie(Context ctx, String value, int maxAgeSeconds) {
        var cookie = new Cookie(AuthGate.cookieName(ctx, site), value, "/", maxAgeSeconds, site.secure(ctx), true);
        cookie.setSameSite(SameSite.STRICT);
        ctx.cookie(cookie);
        ctx.header("Cache-Control", "no-store");
    }

    private static <T> T limited(Context ctx, Supplier<T> attempt) {
        try {
            return attempt.get();
        } catch (TooManyAttempts e) {
            ctx.header("Retry-After", Long.toString(e.seconds()));
            throw Problem.tooMany("rate_limited", e.getMessage());
        }
    }
}
