package io.resticfleet.server.page.account;

import io.javalin.http.Context;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.frame.Redirects;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.util.HashMap;
import java.util.Map;

/** First start, sign-in and sign-out. */
public final class SignInPages {

    private final Html html;
    private final Frames frames;
    private final SignInFlow signInFlow;

    public SignInPages(Html html, Frames frames, SignInFlow signInFlow) {
        this.html = html;
        this.frames = frames;
        this.signInFlow = signInFlow;
    }

    public void install(Routes routes) {
        routes.page("/setup", Access.OPEN, this::askForFirstUser);
        routes.form("/setup", Access.OPEN, this::makeFirstUser);
        routes.page("/login", Access.OPEN, this::askForPassword);
        routes.form("/login", Access.OPEN, this::signIn);
        routes.form("/logout", Access.OPEN, this::signOut);
    }

    private void askForFirstUser(Context ctx) {
        if (signInFlow.isNew()) {
            show(ctx, "account/first-start.jte", "First start", "", Map.of());
        } else {
            Redirects.to(ctx, "/login");
        }
    }

    private void makeFirstUser(Context ctx) {
        var username = Requests.field(ctx, "username").strip();
        var password = Requests.field(ctx, "password");
        var wrong = new HashMap<String, String>();
        if (!password.equals(Requests.field(ctx, "again"))) {
            ctx.status(400);
            wrong.put("again", "the two passwords differ");
        }
        try {
            if (wrong.isEmpty()) {
                signInFlow.makeFirstUser(ctx, Requests.field(ctx, "token").strip(), username, password);
                signInFlow.signIn(ctx, username, password);
                Redirects.to(ctx, "/");
                return;
            }
        } catch (Problem e) {
            ctx.status(e.status());
            wrong.put(
                    switch (e.code()) {
                        case "bad_token" -> "token";
                        case "invalid_username" -> "username";
                        case "weak_password" -> "password";
                        default -> "form";
                    },
                    e.getMessage());
        }
        show(ctx, "account/first-start.jte", "First start", username, wrong);
    }

    private void askForPassword(Context ctx) {
        if (signInFlow.isNew()) {
            Redirects.to(ctx, "/setup");
        } else {
            show(ctx, "account/sign-in.jte", "Sign in", "", Map.of());
        }
    }

    private void signIn(Context ctx) {
        var username = Requests.field(ctx, "username").strip();
        try {
            signInFlow.signIn(ctx, username, Requests.field(ctx, "password"));
            Redirects.to(ctx, next(ctx));
        } catch (Problem e) {
            ctx.status(e.status());
            show(ctx, "account/sign-in.jte", "Sign in", username, Map.of("form", e.getMessage()));
        }
    }

    private void signOut(Context ctx) {
        signInFlow.signOut(ctx);
        Redirects.to(ctx, "/login");
    }

    private void show(Context ctx, String template, String title, String username, Map<String, String> wrong) {
        html.answer(ctx, template, new SignInScreen(frames.open(ctx, title), next(ctx), username, wrong));
    }

    /** An ASCII path on this server; browsers take {@code //x} and {@code /\x} for another server. */
    private static String next(Context ctx) {
        var asked = ctx.method().name().equals("POST")
                ? Requests.field(ctx, "next")
                : Requests.query(ctx, "next").orElse("/");
        return asked.matches("/([!-~&&[^/\\\\]][!-~&&[^\\\\]]*)?") ? asked : "/";
    }
}
